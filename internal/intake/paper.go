package intake

import (
	"strings"
	"time"

	"onedoor/internal/kernel/clock"
)

// paperText is a paper in words, before anybody draws it: OFD and PDF are made from the
// same lines, so that the copy can't say anything else than the original.
type paperText struct {
	Org, Title, Number string
	To                 string   // 抬头
	Paragraphs         []string // without indentation
	List               []string // numbered, after the first paragraph
	After              []string // after the list
	Date               string
}

// chineseDate is the date of a paper, in Shanghai.
func chineseDate(t time.Time) string { return t.In(clock.Shanghai).Format("2006年1月2日") }

// remedy is what every adverse paper must say (Art 38 ¶2): where and within which time.
// 行政复议法 Art 20: sixty days; 行政诉讼法 Art 46: six months.
const remedy = "如不服本{paper}，可以自收到之日起六十日内依法申请行政复议，或者自收到之日起六个月内依法向人民法院提起行政诉讼。"

// write puts a paper into words.
func (k DocumentKind) write(d DocumentData) paperText {
	p := paperText{
		Org: d.OrgName, Title: k.Title(), Number: "编号：" + d.Number,
		To: d.ApplicantName + "：", Date: chineseDate(d.IssuedAt),
	}
	asked := "您（单位）于" + chineseDate(d.SubmittedAt) + "提交的“" + d.ItemName + "”申请（办件编号：" + d.CaseNo + "）"
	law := "根据《中华人民共和国行政许可法》" + d.Article + "的规定，"
	switch k {
	case PaperAcceptance:
		p.Paragraphs = []string{asked + "，申请材料如下："}
		p.List = d.Materials
		if len(p.List) == 0 {
			p.List = []string{"申请表"}
		}
		p.After = []string{law + "本机关决定予以受理，并自受理之日起计算办理期限。"}
		if d.StatutoryDue != nil && d.PromisedDue != nil {
			p.After = append(p.After, "法定办结期限为"+d.LimitsText.Statutory+"，至"+chineseDate(*d.StatutoryDue)+
				"止；本机关承诺的办结期限为"+d.LimitsText.Promised+"，至"+chineseDate(*d.PromisedDue)+"止。")
		}
	case PaperSupplement:
		p.Paragraphs = []string{asked + "，经审查，申请材料不齐全或者不符合法定形式。" + law + "现一次告知您需要补正的全部内容如下："}
		for _, it := range d.Items {
			p.List = append(p.List, it.Name+"："+strings.TrimRight(it.What, "。；;.")+"。")
		}
		p.After = []string{"请登录政务服务平台，在该办件中一次提交全部补正材料。本机关收到补正材料后继续办理。"}
		if d.Opinion != "" {
			p.After = append(p.After, "说明："+d.Opinion)
		}
	case PaperNotAccepted:
		p.Paragraphs = []string{
			asked + "，经审查，" + law + "本机关决定不予受理。理由如下：", d.Ground,
			strings.ReplaceAll(remedy, "{paper}", "决定"),
		}
	case PaperGrant:
		p.Paragraphs = []string{asked + "，经审查，符合法定条件、标准。" + law + "本机关决定准予行政许可。"}
		if d.Opinion != "" {
			p.Paragraphs = append(p.Paragraphs, "审批意见："+d.Opinion)
		}
		p.Paragraphs = append(p.Paragraphs, "依法需要颁发行政许可证件的，本机关自作出决定之日起十日内向您颁发、送达。")
	case PaperRefuse:
		p.Paragraphs = []string{
			asked + "，经审查，" + law + "本机关决定不予行政许可。理由如下：", d.Reason,
			strings.ReplaceAll(remedy, "{paper}", "决定"),
		}
	case PaperSpecial:
		p.Paragraphs = []string{
			asked + "，依法需要进行" + d.Procedure + "。" + law + "所需时间不计算在办理期限内，现予告知。",
			"理由和依据：" + d.Ground, "所需时间：" + d.Needed,
		}
	case PaperExtend:
		p.Paragraphs = []string{asked + "，因故不能在法定期限内作出决定。" + law + "经本机关负责人批准，办理期限延长十个工作日。", "延长期限的理由：" + d.Reason}
		if d.StatutoryDue != nil {
			p.Paragraphs = append(p.Paragraphs, "延长后的法定办结期限至"+chineseDate(*d.StatutoryDue)+"止。")
		}
	}
	return p
}
