/** The seal. Stands beside the name, so hidden from screen readers. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M7.5 11.2 16 17.6l8.5-6.4M8.6 9.5h14.8c.9 0 1.6.7 1.6 1.6v9.8c0 .9-.7 1.6-1.6 1.6H8.6c-.9 0-1.6-.7-1.6-1.6v-9.8c0-.9.7-1.6 1.6-1.6Z" />
    </svg>
  );
}
