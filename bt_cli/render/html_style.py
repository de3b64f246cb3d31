"""The one style sheet of the page of a trace, and the policy that allows it and nothing else."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

STYLE = """
:root{color-scheme:light dark;--back:light-dark(#fff,#16181d);--text:light-dark(#1c1e21,#e4e6ea);
--faint:light-dark(#6b7280,#9097a3);--line:light-dark(#e3e5e9,#2c3038);--soft:light-dark(#f5f6f8,#1e2128);
--bar:light-dark(#5b7fb9,#6f97d8);--llm:light-dark(#9a4fb5,#c084dc);--tool:light-dark(#b07a12,#dcae4c);
--bad:light-dark(#c0272d,#ff7b7b)}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1400px;padding:1.5rem;background:var(--back);color:var(--text);
font:14px/1.5 system-ui,sans-serif}
h1{font-size:1.3rem;margin:0;overflow-wrap:anywhere}
h1,b,i{unicode-bidi:isolate}
.about,.id{color:var(--faint);margin:.1rem 0;overflow-wrap:anywhere}
.id,dd{font:12px/1.5 ui-monospace,monospace}
main{margin-top:1rem;border-top:1px solid var(--line)}
summary{display:flex;gap:.75rem;align-items:center;padding:.15rem .3rem;cursor:pointer;
border-bottom:1px solid var(--line)}
summary::before{content:"▸";color:var(--faint)}details[open]>summary::before{content:"▾"}
summary:hover{background:var(--soft)}
summary:focus-visible{outline:2px solid var(--bar)}
b{font-weight:400;min-width:2rem}
i,em{font-style:normal;color:var(--faint);font-size:.85em}
b,i,em{flex:0 1 auto;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
i{flex-shrink:2}
em{flex-shrink:1;margin-left:auto;max-width:26%}
time{flex:none;width:5.5rem;text-align:right;font-variant-numeric:tabular-nums}
svg{flex:none;width:min(26rem,28vw);height:.8em;background:var(--soft)}
rect{fill:var(--bar);height:100%}
.llm>summary rect{fill:var(--llm)}.tool>summary rect{fill:var(--tool)}.bad>summary rect{fill:var(--bad)}
.bad>summary b,.error{color:var(--bad)}
p.error{margin:.1rem 1.2rem;overflow-wrap:anywhere}
main details details{margin-left:1.1rem}
main details.deep details{margin-left:0}
main details.fields{margin-left:1.1rem;color:var(--faint)}
.fields>summary{border:0;font-size:.85em}
dl{margin:.3rem .6rem .8rem 1.2rem}
dt{font-size:.85rem;font-weight:600;margin-top:.5rem;color:var(--faint)}
dd{margin:.1rem 0;padding:.3rem .5rem;background:var(--soft);color:var(--text);white-space:pre-wrap;
overflow-wrap:anywhere;max-height:30rem;overflow:auto;unicode-bidi:plaintext}
@media(max-width:700px){body{padding:.5rem}em{display:none}}
@media print{dd{max-height:none}}
"""

POLICY = (
    "default-src 'none'; "
    f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
"""Nothing is loaded and nothing runs: the hash allows this style sheet alone."""
