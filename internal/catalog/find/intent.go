package find

import "strings"

// marks are what a name or a query says is to be done, one bit each.
type marks uint16

const (
	markNew marks = 1 << iota
	markChange
	markReissue
	markRenew
	markCancel
	markQuery
	markAdvice
	markTransfer
)

// markWords say what an item is about to do. The first that a query has decides;
// a query that says nothing wants the thing itself, and for the first time.
var markWords = []struct {
	mark  marks
	words []string
}{
	{markCancel, []string{"注销", "终止", "歇业", "停业", "撤销", "解除", "作废", "缴销", "退出", "报停", "核销", "暂停", "封存", "解封"}},
	{markReissue, []string{"补办", "补发", "补领", "补证", "遗失", "挂失", "损毁", "补换", "补（换）", "更换"}},
	{markRenew, []string{"延续", "延期", "续期", "换证", "换发", "换领", "到期", "复审", "复查", "校验", "再注册", "年审", "审验", "期满", "恢复"}},
	{markChange, []string{"变更", "更正", "更名", "修改", "改建", "扩建", "扩大", "增项", "重新", "迁移", "异动"}},
	{markTransfer, []string{"过户", "转出", "转入", "转移", "转让", "质押", "抵押"}},
	{markQuery, []string{"查询", "进度", "公示", "公告", "公布", "发布", "目录", "名录", "查看", "检索", "下载", "地图", "预约"}},
	{markAdvice, []string{"咨询", "指引", "宣传", "政策", "培训", "表彰", "奖励", "宣教", "讲座", "鉴定", "争议", "投诉"}},
	{markNew, []string{"新办", "设立", "核发", "申领", "首次", "新申请", "初次", "初领", "签发", "开办", "成立", "新增", "配发", "取证", "初始"}},
}

func marksOf(text string) marks {
	var m marks
	for _, w := range markWords {
		for _, word := range w.words {
			if strings.Contains(text, word) {
				m |= w.mark
				break
			}
		}
	}
	return m
}

// fit is what an item's doing adds to its score, in points, for a query that wants
// the marks.
func (wants marks) fit(has marks) float32 {
	var points float32
	for _, w := range markWords {
		switch m := w.mark; {
		case m == markNew:
		case wants&m != 0 && has&m != 0:
			points += 8
		case wants&m != 0:
			points -= 3
		case has&m != 0:
			points -= 7
		}
	}
	if wants&^markNew == 0 && has&markNew != 0 && has&(markCancel|markChange|markReissue|markRenew) == 0 {
		points += 4
	}
	return max(points, -14)
}
