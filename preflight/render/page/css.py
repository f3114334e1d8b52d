"""How the page looks: light, dark, on a phone and on A4. No font, image or rule is fetched."""

from __future__ import annotations

LIGHT = {
    "page": "#edf1f4", "card": "#ffffff", "soft": "#f3f5f7", "line": "#cfd6dd",
    "text": "#14191f", "muted": "#4a5561", "rack": "#dfe5ea",
    "red": "#a81c18", "amber": "#7d5000", "green": "#17663a", "blue": "#1b5a98",
    "no-go": "#a81c18", "not-proven": "#7a4a00", "go": "#17663a", "on": "#ffffff",
}  # fmt: skip
"""Colours by day and on paper; `on` is text on a banner or in a solid mark."""
DARK = {
    "page": "#0e1217", "card": "#171d24", "soft": "#202831", "line": "#36414c",
    "text": "#eef2f6", "muted": "#aab4bf", "rack": "#2b3540",
    "red": "#ff8f88", "amber": "#f0c161", "green": "#7fd6a0", "blue": "#85bdf5",
    "no-go": "#8f1915", "not-proven": "#694000", "go": "#12532f", "on": "#ffffff",
}  # fmt: skip
"""Colours by night."""


def _variables(palette: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in palette.items())


_RULES = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);
font:15px/1.45 "Noto Sans","Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
overflow-wrap:anywhere}
main{max-width:1020px;margin:0 auto;padding:22px 32px 40px}
h1,h2,h3,p,dl,dd,ol,ul,figure{margin:0;padding:0}
h2{font-size:14px;letter-spacing:.01em;color:var(--muted);margin:22px 0 7px}
h3{font-size:16.5px;line-height:1.3}
td,dd,b,span,p,li,h3,code{unicode-bidi:isolate}
code,.mono{font:12.5px/1.45 "DejaVu Sans Mono",Menlo,Consolas,monospace}
.muted{color:var(--muted)}
.small{font-size:13px;line-height:1.4}
.box{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:14px 16px}
svg.m{width:15px;height:15px;vertical-align:-2px;margin-right:6px;flex:none}
svg .ring{fill:none;stroke:currentColor;stroke-width:1.4}
svg .fill{fill:currentColor}
svg .stroke{fill:none;stroke:currentColor;stroke-width:1.7;stroke-linecap:round;
stroke-linejoin:round}
svg .dot{fill:currentColor}
svg.seen .stroke,svg.fail .stroke{stroke:var(--card)}
.fail{color:var(--red)}.unknown{color:var(--amber)}
.seen,.collected,.unproven,.said{color:var(--green)}
.none{color:var(--muted)}.advice{color:var(--blue)}
.top{display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 20px;margin-bottom:9px}
.banner{display:flex;align-items:center;gap:22px;color:var(--on);border-radius:7px;
padding:20px 24px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.banner.no-go{background:var(--no-go)}
.banner.not-proven{background:var(--not-proven)}
.banner.go{background:var(--go)}
.banner svg{width:62px;height:62px;flex:none;color:var(--on)}
.banner svg.fail .stroke{stroke:var(--no-go);stroke-width:2.1}
.banner svg.seen .stroke{stroke:var(--go);stroke-width:2.1}
.banner svg.unknown .ring{fill:var(--on)}
.banner svg.unknown .stroke{stroke:var(--not-proven)}
.banner svg.unknown .dot{fill:var(--not-proven)}
.say{flex:1;min-width:0;font-size:16.5px}
.say h1{font-size:22px;line-height:1.2;margin-bottom:5px}
.say h1 b{font-size:34px;margin-right:11px}
.say p+p{margin-top:6px}
.do{flex:0 1 225px;border-left:1px solid rgba(255,255,255,.45);padding-left:18px}
.do dd{font-weight:600;margin-bottom:8px}
.do dd:last-child{margin-bottom:0}
.do dt{font-size:13px}
.trip{display:flex;flex-wrap:wrap;justify-content:space-between;gap:6px 22px;margin:13px 2px 0}
.trip dt{font-size:13px;color:var(--muted)}
.trip dd{font-weight:600}
.counts{display:flex;flex-wrap:wrap;align-items:center;gap:4px 14px;margin:12px 2px 0}
.counts b{white-space:nowrap}
.bar{display:flex;gap:2px;flex:0 1 260px;min-width:170px;height:10px}
.bar i{display:block;border-radius:2px;min-width:4px;print-color-adjust:exact;
-webkit-print-color-adjust:exact}
.bar .fail{background:var(--red)}.bar .seen{background:var(--green)}
.bar .said{border:2px solid var(--green)}
.bar .collected,.bar .unproven{border:1px solid var(--green);
background:linear-gradient(to top,var(--green) 50%,var(--card) 50%)}
.bar .unknown{background:repeating-linear-gradient(135deg,var(--amber) 0 3px,var(--card) 3px 6px);
border:1px solid var(--amber)}
.bar .none{background:var(--line)}
.brought{margin:7px 2px 0}
.note{border-left:4px solid var(--blue);margin-top:14px}
.note.warn{border-color:var(--amber)}
.note li{margin-left:18px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(270px,1fr));gap:11px}
.card{display:flex;flex-direction:column;gap:8px;border-top:4px solid var(--red)}
.card.unknown-card{border-top-color:var(--amber)}
.card.later{border-top-color:var(--line)}
.card header{display:flex;gap:9px}
.card .number{flex:none;width:24px;height:24px;border-radius:12px;text-align:center;
font-weight:700;line-height:24px;font-size:14px;background:var(--red);color:var(--card);
print-color-adjust:exact;-webkit-print-color-adjust:exact}
.unknown-card .number{background:var(--amber)}
.later .number{background:var(--muted)}
.pairs{display:grid;grid-template-columns:auto 1fr;gap:2px 10px}
.pairs dt{color:var(--muted)}
.pairs dd.bad{font-weight:600;color:var(--red)}
.unknown-card .pairs dd.bad{color:var(--amber)}
.clash{border-left:3px solid var(--amber);padding-left:9px}
.todo{background:var(--soft);border-radius:4px;padding:7px 10px;print-color-adjust:exact;
-webkit-print-color-adjust:exact}
.todo p+p{margin-top:5px}
.card footer{margin-top:auto;color:var(--muted)}
.dates{display:flex;list-style:none;counter-reset:none}
.dates li{flex:1 1 0;min-width:0;position:relative;padding:20px 12px 0 0}
.dates li:before{content:"";position:absolute;left:0;right:0;top:6px;
border-top:3px solid var(--line)}
.dates li:after{content:"";position:absolute;left:0;top:1px;width:13px;height:13px;
border-radius:7px;background:var(--blue);print-color-adjust:exact;
-webkit-print-color-adjust:exact}
.dates li:last-child:before{right:auto;width:13px}
.dates .late:after{background:var(--red)}
.dates b{display:block}
.dates .gap{display:block;color:var(--muted);font-size:13px}
.halls{display:flex;flex-wrap:wrap;align-items:flex-start;gap:12px 16px}
.hall{border:2px solid var(--muted);border-radius:5px;padding:9px 12px 11px;min-width:190px}
.hall.free{border-style:dashed}
.hall h3{font-size:15px}
.racks{display:flex;flex-wrap:wrap;gap:10px 14px;margin-top:8px}
.rack{--w:170;--s:1.157px}
.rack,.rack svg{width:calc(var(--w)*var(--s))}
.rack figcaption{font-weight:600;font-size:13px;margin-bottom:3px}
.rack svg{display:block}
.rack.spare{color:var(--muted)}
.rack.spare .frame{fill:none;stroke:var(--muted);stroke-width:1;stroke-dasharray:3 3}
.rack text{font:600 8.3px "Noto Sans","Segoe UI",Arial,sans-serif;fill:var(--text)}
.rack .low text{font-size:7.5px}
.rack text.unit,.rack .low text.unit{font-weight:400;font-size:6.5px;fill:var(--muted);
text-anchor:end}
.rack .frame{fill:var(--rack);stroke:var(--text);stroke-width:1.6}
.rack .line{stroke:var(--card);stroke-width:.7}
.rack .claimed{fill:var(--card);stroke:var(--blue);stroke-width:1.3;stroke-dasharray:3.5 2}
.rack .observed{fill:var(--blue);stroke:var(--blue);stroke-width:1.3}
.rack .device{fill:var(--card);stroke:var(--muted);stroke-width:1;stroke-dasharray:2 2}
.rack .shared.claimed{stroke:var(--red)}
.rack .shared.observed{fill:var(--red);stroke:var(--red)}
.rack text.on{fill:var(--card)}
.rack .silent{stroke:var(--red)}
.rack .gone{fill:none;stroke:var(--red);stroke-width:1.8;stroke-linecap:round}
.rack .join{fill:none;stroke:var(--red);stroke-width:1.6}
.rack svg.fail .fill{stroke:var(--card);stroke-width:1.6}
.rack svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.shared-note{color:var(--red);font-weight:600;font-size:13px}
.key{margin-top:10px;display:flex;flex-wrap:wrap;gap:2px 16px}
.key i{display:inline-block;width:22px;height:10px;vertical-align:-1px;margin-right:6px;
print-color-adjust:exact;-webkit-print-color-adjust:exact}
.key .claimed{border:1.4px dashed var(--blue)}
.key .observed{background:var(--blue)}
.key .spare{width:11px;height:19px;vertical-align:-5px;border:1px dotted var(--muted)}
.key .silent{border:1.4px dashed var(--red);background:
linear-gradient(to top right,transparent 44%,var(--red) 44% 56%,transparent 56%)
right/10px no-repeat,
linear-gradient(to bottom right,transparent 44%,var(--red) 44% 56%,transparent 56%)
right/10px no-repeat}
.key .shared{border:1.4px solid var(--red)}
.table{background:var(--card);border:1px solid var(--line);border-radius:6px;overflow-x:auto}
table{width:100%;border-collapse:collapse}
th{text-align:left;font-size:13px;color:var(--muted);padding:7px 10px}
td{padding:6px 10px;border-top:1px solid var(--line);vertical-align:top}
td .sub{display:block;color:var(--muted);font-size:13px;line-height:1.4}
.state{display:flex}
.state>span{min-width:0}
.hosts{table-layout:fixed;min-width:680px}
.hosts th:first-child{width:13%}
td b,.bold{font-weight:600}
tbody.area th{background:var(--soft);color:var(--text);border-top:1px solid var(--line);
font-size:14px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.findings td:first-child{width:180px}
.findings td:nth-child(2){width:38%}
.sign dl{margin-bottom:9px}
.sign pre{margin:7px 0;padding:8px 10px;background:var(--soft);border-radius:4px;
white-space:pre-wrap;font:12.5px/1.5 "DejaVu Sans Mono",Menlo,Consolas,monospace;
print-color-adjust:exact;-webkit-print-color-adjust:exact}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 22px}
.two ul{padding-left:18px}
.two li+li{margin-top:4px}
"""
_PHONE = """
@media screen and (max-width:760px){
main{padding:14px 14px 30px}
.banner{flex-wrap:wrap;padding:16px;gap:14px}
.banner svg{width:46px;height:46px}
.say h1 b{display:block}
.do{flex:1 1 100%;border-left:0;border-top:1px solid rgba(255,255,255,.45);padding:10px 0 0;
display:flex;flex-wrap:wrap;gap:8px 26px}
.do dd{margin:0}
.dates{flex-direction:column}
.dates li{padding:0 0 12px 26px}
.dates li:before{left:5px;right:auto;width:0;top:6px;bottom:-6px;border-top:0;
border-left:3px solid var(--line)}
.dates li:last-child:before{border:0}
.two{grid-template-columns:1fr}
.trip{justify-content:flex-start}
.rows,.rows tbody,.rows tr,.rows td{display:block}
.hosts{min-width:0}
.rows thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.rows tr{border-top:1px solid var(--line);padding:8px 0}
.rows tbody:first-of-type tr:first-child{border-top:0}
.rows td{border:0;padding:2px 12px;width:auto!important}
.rows td[data-label]{display:flex;gap:8px}
.rows td[data-label]:before{content:attr(data-label);flex:0 0 74px;color:var(--muted);
font-size:13px}
.rows tbody.area th{display:block;border:0}
}
@media screen and (max-width:480px){
.rack{--s:.83px}.rack text{font-size:8.8px}.rack .low text{font-size:8.2px}
}
"""
_PRINT = """
@page{size:A4;margin:8mm 10mm}
@media print{
body{background:#fff;font-size:9.8px;line-height:1.32}
main{max-width:none;padding:0}
h2{margin:7px 0 3px;font-size:10.3px;break-after:avoid}
h3{font-size:11.5px}
.small,.trip dt,.do dt,td .sub,th,.shared-note,.dates .gap,.rack figcaption{font-size:9px}
.banner{padding:8px 16px;gap:15px}
.banner svg{width:44px;height:44px}
.say{font-size:11.5px}.say h1{font-size:15px;margin-bottom:2px}.say h1 b{font-size:24px}
.box{padding:5px 10px}
.card{gap:3px}
.card .number{width:17px;height:17px;line-height:17px;font-size:10px}
.cards{grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:7px}
.todo{padding:4px 7px}
.trip,.counts{margin-top:7px}.brought{margin-top:3px}
.note{margin-top:5px}
svg.m{width:10px;height:10px;margin-right:4px;vertical-align:-1.5px}
.rack{--s:.708px}
.rack text{font-size:9.2px}.rack .low text{font-size:7.8px}
.rack text.unit,.rack .low text.unit{font-size:7px}
.hall{padding:3px 9px 4px;min-width:140px}.hall h3{font-size:10.5px}
.halls{gap:8px 12px}.racks{gap:8px 12px}.racks{margin-top:3px}
th,td{padding:1px 7px}
td .sub{line-height:1.25}
code,.mono,.sign pre{font-size:8.6px}
.sign pre{margin:2px 0;padding:2px 7px}
.findings,.hosts{font-size:9.2px;line-height:1.27}
.findings td:first-child{width:120px}
.findings td:nth-child(2){width:42%}
.two{font-size:8.8px;line-height:1.27}.two li+li{margin-top:0}
.findings td .sub{font-size:8.8px}
tbody.area th{font-size:9.2px;padding:0 7px}
tr,.card,.hall,.box,.banner{break-inside:avoid}
.key{margin-top:4px}
tbody.area tr:first-child{break-after:avoid}
.table{overflow:visible}.hosts{min-width:0}
}
"""
STYLE = (
    f":root{{color-scheme:light dark;{_variables(LIGHT)}}}"
    f"\n@media screen and (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}"
    f"{_RULES}{_PHONE}{_PRINT}"
)
