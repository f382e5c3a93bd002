package catalog

import "strings"

// department is a rule that places a source's organisation in the reference
// city: the first whose word stands in its name counts. Suffix is the part of
// the city's org code after the level ("sz-scjg" → "scjg"); "" says that the
// city has no counterpart, which keeps later, wider words from matching.
type department struct{ suffix, words string }

// departments are read in order: the particular before the general.
var departments = []department{
	// Central organs, courts, mass organisations and enterprises have no counterpart among the city's departments.
	{"", "法院 检察院 海关 人民银行 银保监 证券监督 民用航空 海事局 电网 广播电视台 作家协会 社会科学院 文联 工商业联合会 总工会"},
	{"", "共产主义青年团 妇女联合会 侨联 红十字会 宣传部 外事工作 参事室 地方志 国家安全局 邮政管理 档案局 地方金融 供销合作 产权交易 科学技术协会"},
	{"", "港珠澳大桥 南海救助 自然资源部南海局 广州海洋地质 珠江水利委员会"},
	{"xfjy", "消防"},
	{"yjj", "应急管理 安全生产 地震局"},
	{"swju", "税务"},
	{"yczm", "烟草"},
	{"qxj", "气象"},
	{"gjj", "公积金"},
	{"ybj", "医疗保障 医保"},
	{"cl", "残疾人 残联"},
	{"tyjrj", "退役军人"},
	{"sfj", "司法 戒毒 法律服务"},
	{"gaj", "公安"},
	{"scjg", "市场监督 市监 药品监督 药品检验 医疗器械质量 特种设备 产品质量监督 计量科学 标准化研究 生产许可证 消费者委员会 质量监督检验 知识产权"},
	{"lyj", "林业"},
	{"nyncj", "农业 农垦 海洋综合执法 水产"},
	{"mzzj", "民族宗教 统战部"},
	{"mzj", "民政 社会组织管理"},
	{"rsj", "人力资源 人社 人事考试 毕业生就业"},
	{"zrzy", "自然资源 国土 地质局 珠宝玉石及贵金属 不动产登记"},
	{"sthj", "生态环境"},
	{"gxq", "空港经济区管理委员会"},
	{"zjj", "住房和城乡 住建 人民防空 城乡规划设计 建筑设计"},
	{"jtys", "交通 道路运输"},
	{"slj", "水利 水务 流域管理"},
	{"wlj", "文化和旅游 文广旅 图书馆 博物馆 艺术研究"},
	{"wjw", "卫生 卫健 中医药 人民医院"},
	{"jyj", "教育 教科体"},
	{"tyj", "体育"},
	{"tjj", "统计"},
	{"sjj", "审计"},
	{"swj", "商务 国际贸易促进"},
	{"kjj", "科学技术厅 科学技术局 科技 科学中心"},
	{"jxj", "工业和信息化 经信"},
	{"czj", "财政"},
	{"fgw", "发展和改革 发改 宏观经济"},
	{"cgj", "城市管理 综合执法"},
	{"zwfw", "政务 政府办 公共资源 公管办 政府采购"},
}

// subjects place what a one-for-all approval bureau (行政审批局) carries out, by
// what the item is about; the city has no such bureau, its departments decide.
var subjects = []department{
	{"nyncj", "种子 农药 兽药 动物 畜 拖拉机 收割机 农业 渔 饲料 蚕 生鲜乳 屠宰 菌种 农作物 肥料 农村 水产 植物检疫（农业 农机"},
	{"lyj", "林木 林草 森林 木材 野生动物 野生植物 草原 湿地 林地 古树"},
	{"wjw", "医疗 医师 医生 护士 卫生 母婴 饮用水 放射 麻醉 诊所 中医 献血 计划生育 病原微生物"},
	{"scjg", "食品 药品 企业设立 企业变更 企业注销 个体工商户 公司 合伙 独资 合作社 计量 特种设备 股权 营业执照 法人企业 企业登记 分支机构 广告发布 检验检测 名称 歇业 注销登记 企业档案 经营主体 市场主体"},
	{"rsj", "劳务派遣 人力资源 职业培训 职业中介 特殊工时 技工"},
	{"jyj", "学校 教师 教育 幼儿园 校车 学历 办学"},
	{"tyj", "体育 游泳 健身 攀岩"},
	{"wlj", "文物 演出 娱乐 互联网上网 广播 电视 电影 出版 印刷 旅行社 艺术 旅游 博物馆 导游 文艺 卫星"},
	{"mzzj", "宗教 民族 清真"},
	{"slj", "水利 取水 河道 水土保持 防洪 水工程 洪水 占用农业灌溉 围垦 采砂 坝顶"},
	{"cgj", "户外广告 占道 城市道路 市容 垃圾 绿地 绿化 城市建筑物 街道 环境卫生 挖掘"},
	{"jtys", "道路 运输 出租 公路 港口 航道 客运 货运 船舶 驾驶员培训 水路 水上 通航"},
	{"zrzy", "规划许可 用地 采矿 探矿 测绘 不动产 矿产 土地 地质"},
	{"zjj", "建筑 施工 燃气 排水 市政 房地产 商品房 物业 工程 人防 防空 房屋 历史文化 供水 建设"},
	{"sthj", "污染 环境 辐射 危险废物 排污 放射源"},
	{"mzj", "社会团体 民办非企业 殡葬 公墓 养老 基金会 慈善 地名 社会组织"},
	{"fgw", "投资项目 节能 招标 能源 粮食 石油天然气管道 电力"},
	{"yjj", "危险化学品 烟花爆竹 安全生产 非煤矿山 金属冶炼"},
	{"sfj", "律师 公证 法律 司法鉴定"},
	{"qxj", "气象 防雷 升放"},
	{"swj", "成品油 外贸 单用途 拍卖 报废机动车 对外"},
	{"jxj", "盐 民爆 无线电 技术改造"},
	{"gaj", "保安 印章 旅馆 大型群众性"},
	{"czj", "代理记账 会计"},
	{"zwfw", ""}, // whatever else the bureau does is done by the service bureau
}

func place(rules []department, name string) (suffix string, known bool) {
	for _, d := range rules {
		if d.words == "" {
			return d.suffix, d.suffix != ""
		}
		for _, w := range strings.Fields(d.words) {
			if strings.Contains(name, w) {
				return d.suffix, d.suffix != ""
			}
		}
	}
	return "", false
}

// guangdongDepartments read digits 5 and 6 of a Guangdong 基本编码, for bodies
// whose name says nothing; only codes that belong to one department.
var guangdongDepartments = map[string]string{
	"02": "jyj", "03": "kjj", "04": "jxj", "05": "mzzj", "06": "gaj", "08": "mzj", "09": "sfj", "10": "czj", "11": "rsj",
	"12": "zrzy", "13": "sthj", "14": "zjj", "15": "jtys", "16": "slj", "17": "nyncj", "18": "swj", "19": "wlj", "20": "wjw",
	"24": "swju", "25": "scjg", "28": "tyj", "31": "tjj", "32": "lyj", "67": "sjj", "69": "cl", "91": "tyjrj",
}

// legalThemes give items for legal persons the theme of their department where
// the source has themes of natural persons only (rule 13: whoever is served has a theme).
var legalThemes = map[string]string{
	"scjg": "010", "wjw": "110", "jtys": "090", "rsj": "030", "mzj": "005", "gaj": "150", "zrzy": "085", "zjj": "085", "jyj": "120",
	"nyncj": "075", "sthj": "095", "wlj": "120", "yjj": "145", "swj": "055", "fgw": "040", "czj": "025", "slj": "105", "lyj": "075",
	"tyj": "120", "ybj": "035", "swju": "025", "yczm": "010", "gjj": "035", "xfjy": "150", "cgj": "160", "jxj": "010", "kjj": "115",
	"sfj": "155", "mzzj": "130", "cl": "035", "qxj": "105", "tjj": "999", "sjj": "025", "tyjrj": "999", "zwfw": "999", "gxq": "040",
}

// personThemes are the same for natural persons.
var personThemes = map[string]string{
	"scjg": "040", "wjw": "145", "jtys": "095", "rsj": "030", "mzj": "085", "gaj": "090", "zrzy": "070", "zjj": "075", "jyj": "020",
	"nyncj": "999", "sthj": "130", "wlj": "135", "yjj": "115", "swj": "110", "fgw": "140", "czj": "055", "slj": "140", "lyj": "130",
	"tyj": "135", "ybj": "085", "swju": "055", "yczm": "040", "gjj": "075", "xfjy": "115", "cgj": "140", "jxj": "999", "kjj": "020",
	"sfj": "120", "mzzj": "015", "cl": "085", "qxj": "140", "tjj": "999", "sjj": "999", "tyjrj": "065", "zwfw": "999", "gxq": "999",
}
