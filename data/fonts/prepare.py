# Prepares the two fonts shipped in data/fonts (see README.md there).
import sys
from fontTools.ttLib import TTCollection, TTFont
from fontTools import subset
wqy, kai, out = sys.argv[1:4]

def slim(font, unicodes, name, ps, note):
    o = subset.Options()
    o.hinting = False; o.layout_features = []; o.name_IDs = [0,1,2,3,4,5,6,7,8,9,13,14]; o.name_languages=['*']
    o.drop_tables += ['GSUB','GPOS','GDEF','BASE','vhea','vmtx','kern','FFTM','DSIG','VORG']
    o.glyph_names = False; o.notdef_outline = True; o.recommended_glyphs = True; o.legacy_cmap=False; o.symbol_cmap=False
    s = subset.Subsetter(o); s.populate(unicodes=unicodes); s.subset(font)
    if name:
        t = font['name']; keep=[r for r in t.names if r.nameID in (0,13,14)]
        t.names = keep
        for i,v in {1:name,2:'Regular',3:ps+';1.0',4:name,5:'Version 1.0',6:ps,10:note}.items():
            t.setName(v,i,3,1,0x409)
        for r in [r for r in t.names if r.platformID!=3]: t.names.remove(r)
    return font

c = TTCollection(wqy); f = c.fonts[0]
f = slim(f, list(f.getBestCmap()), None, None, None)
f.save(out+'/wqy-microhei.ttf')

gb=set()
for a in range(0xA1,0xF8):
    for b in range(0xA1,0xFF):
        try: gb.add(ord(bytes([a,b]).decode('gb2312')))
        except Exception: pass
extra = set(range(0x20,0x7f))|{ord(x) for x in '·—–…“”‘’℃㎡²³¥×÷±、。〇々䶮堃犇鑫淼焱垚昇昊玥琦珺瑀瑄瑢瑾璟璐祎禛筠翀翊翎芃苒茗荃菡萱蓁蔚薇蘅訢赟轶邈锜锟镕阃霏霁靓韫颀骁骐鸢麒旻旸昉昕晔晗晞晟晢暄暐曈杺枻栩桄梓榕檬泓洺浠涵淏湉湜溱滢漪潇澍濛炅炜烜焜煊煜熠燚牧玗玘珂珩珮琛琮'}
k = TTFont(kai); cm=k.getBestCmap()
k = slim(k, [u for u in gb|extra if u in cm and not (0x3040<=u<0x3100) and not (0x400<=u<0x500)], 'Onedoor Kai','OnedoorKai','Subset (GB 2312, ASCII and some name characters) of an OFL 1.1 font, made 2026-11 for onedoor; renamed because its name is reserved.')
k.save(out+'/onedoor-kai.ttf')
