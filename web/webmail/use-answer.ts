import { useEffect, useState } from 'react';

/** What `ask` answers, asked anew with each `key`; an answer that comes too late is nobody's. */
export function useAnswer<Value>(key: string, ask: () => Promise<Value>): Value | 'asking' | 'failed' {
  const [answer, setAnswer] = useState<{ readonly key: string; readonly value: Value | 'failed' }>();
  useEffect(() => {
    let isCurrent = true;
    const settle = (value: Value | 'failed') => {
      if (isCurrent) setAnswer({ key, value });
    };
    ask().then(settle, () => settle('failed'));
    return () => {
      isCurrent = false;
    };
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the key says when to ask anew
  }, [key]);
  return answer?.key === key ? answer.value : 'asking';
}
