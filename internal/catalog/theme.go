package catalog

// theme is one entry of the national lists of themes (主题分类), which the country
// counts services by: life events of natural persons, business events of legal ones.
type theme struct{ Code, Kind, Name string }

var themes = []theme{
	{"natural:005", "natural", "生育收养"},
	{"natural:010", "natural", "户籍办理"},
	{"natural:015", "natural", "民族宗教"},
	{"natural:020", "natural", "教育科研"},
	{"natural:025", "natural", "入伍服役"},
	{"natural:030", "natural", "就业创业"},
	{"natural:035", "natural", "设立变更"},
	{"natural:040", "natural", "准营准办"},
	{"natural:045", "natural", "抵押质押"},
	{"natural:050", "natural", "职业资格"},
	{"natural:055", "natural", "行政缴费"},
	{"natural:060", "natural", "婚姻登记"},
	{"natural:065", "natural", "优待抚恤"},
	{"natural:070", "natural", "规划建设"},
	{"natural:075", "natural", "住房保障"},
	{"natural:085", "natural", "社会保障（社会保险、社会救助）"},
	{"natural:090", "natural", "证件办理"},
	{"natural:095", "natural", "交通出行"},
	{"natural:100", "natural", "旅游观光"},
	{"natural:105", "natural", "出境入境"},
	{"natural:110", "natural", "消费维权"},
	{"natural:115", "natural", "公共安全"},
	{"natural:120", "natural", "司法公证"},
	{"natural:125", "natural", "知识产权"},
	{"natural:130", "natural", "环保绿化"},
	{"natural:135", "natural", "文化体育"},
	{"natural:140", "natural", "公用事业"},
	{"natural:145", "natural", "医疗卫生"},
	{"natural:150", "natural", "离职退休"},
	{"natural:155", "natural", "死亡殡葬"},
	{"natural:998", "natural", "地方特色分类"},
	{"natural:999", "natural", "其他"},
	{"legal:005", "legal", "设立变更"},
	{"legal:010", "legal", "准营准办"},
	{"legal:015", "legal", "资质认证"},
	{"legal:020", "legal", "年检年审"},
	{"legal:025", "legal", "税收财务"},
	{"legal:030", "legal", "人力资源"},
	{"legal:035", "legal", "社会保障"},
	{"legal:040", "legal", "投资审批"},
	{"legal:045", "legal", "融资信贷"},
	{"legal:050", "legal", "抵押质押"},
	{"legal:055", "legal", "商务贸易"},
	{"legal:060", "legal", "招标拍卖"},
	{"legal:065", "legal", "海关口岸"},
	{"legal:070", "legal", "涉外服务"},
	{"legal:075", "legal", "农林牧渔"},
	{"legal:085", "legal", "国土和规划建设"},
	{"legal:090", "legal", "交通运输"},
	{"legal:095", "legal", "环保绿化"},
	{"legal:100", "legal", "应对气候变化"},
	{"legal:105", "legal", "水务气象"},
	{"legal:110", "legal", "医疗卫生"},
	{"legal:115", "legal", "科技创新"},
	{"legal:120", "legal", "文体教育"},
	{"legal:125", "legal", "知识产权"},
	{"legal:130", "legal", "民族宗教"},
	{"legal:135", "legal", "质量技术"},
	{"legal:140", "legal", "检验检疫"},
	{"legal:145", "legal", "安全生产"},
	{"legal:150", "legal", "公安消防"},
	{"legal:155", "legal", "司法公证"},
	{"legal:160", "legal", "公用事业"},
	{"legal:165", "legal", "法人注销"},
	{"legal:170", "legal", "档案文物"},
	{"legal:998", "legal", "地方特色分类"},
	{"legal:999", "legal", "其他"},
}

var themeNames = func() map[string]string {
	names := make(map[string]string, len(themes))
	for _, t := range themes {
		names[t.Code] = t.Name
	}
	return names
}()

// themeCodes finds a theme of a kind by the name that sources write.
var themeCodes = func() map[string]string {
	codes := make(map[string]string, len(themes))
	for _, t := range themes {
		codes[t.Kind+":"+t.Name] = t.Code
	}
	return codes
}()
