package site

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"onedoor/internal/catalog"
	"onedoor/internal/directory"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
	"onedoor/internal/kernel/workday"
	"onedoor/internal/licence"
)

const (
	foodID    = "0190a000-0000-7000-8000-000000000001"
	closedID  = "0190a000-0000-7000-8000-000000000002"
	bareID    = "0190a000-0000-7000-8000-000000000003"
	cityCode  = "421300000000"
	countyZD  = "421303000000"
	goodCode  = "8F3K-22QD-71XA"
	staleCode = "0000-0000-0000"
)

// fakeCatalog answers from memory, by hand.
type fakeCatalog struct {
	items []*catalog.Item
	err   error
}

func newFakeCatalog() *fakeCatalog {
	food := &catalog.Item{
		ID: foodID, TaskCode: "11421300MB0011223344201310150010", CatalogCode: "420131015001", Name: "食品经营许可新办",
		Summary: "开饭店、食堂、奶茶店、卖包装食品，开业前要先拿到这张证。", TaskType: "01", UseLevel: 3,
		OrgCode: "sz-scjg", OrgName: "随州市市场监督管理局", OrgPath: "/sz/sz-scjg/", Region: cityCode, RegionName: "随州市",
		Status: catalog.Published, Version: 1, Complete: true, ProjectType: catalog.Promised,
		StatutoryLimit: workday.Limit{Value: 20, Unit: workday.Working}, PromisedLimit: workday.Limit{Value: 6, Unit: workday.Working},
		Visits: 0, Online: true, Fee: "不收费", Audience: []string{"1", "2", "6"}, Themes: []string{"natural:040", "legal:010"},
		Conditions: []string{"取得营业执照等合法主体资格。", "有与经营的食品品种、数量相适应的场所，环境整洁，与有毒有害场所保持规定的距离。", "有专职或者兼职的食品安全管理人员和保证食品安全的规章制度。", "有合理的设备布局和工艺流程，防止待加工食品与直接入口食品、原料与成品交叉污染。"},
		Materials: []catalog.Material{
			{Code: "M01", Name: "食品经营许可申请书", Required: true, Kind: "original", Form: "electronic", Source: "申请人自备", Note: "在线填写的表单自动生成"},
			{Code: "M02", Name: "营业执照", Required: true, Kind: "copy", Form: "electronic", Waived: true, WaivedBy: "电子证照"},
			{Code: "M03", Name: "与食品经营相适应的主要设备设施布局、操作流程等文件", Required: true, Kind: "original", Form: "either", Source: "申请人自备"},
			{Code: "M04", Name: "食品安全自查、从业人员健康管理、进货查验记录、食品安全事故处置等保证食品安全的规章制度", Required: true, Kind: "original", Form: "either", Source: "申请人自备"},
			{Code: "M05", Name: "利用自动售货设备从事食品销售的，提交设备产品合格证明", Kind: "copy", Form: "either", Source: "设备生产企业"},
		},
		Steps: []catalog.Step{
			{Name: "申请与收件", Who: "综合窗口", Limit: "当场"},
			{Name: "受理", Who: "市场监督管理局", Limit: "1个工作日", Note: "材料不齐的一次告知"},
			{Name: "现场核查", Who: "市场监督管理局", Limit: "3个工作日"},
			{Name: "决定", Who: "市场监督管理局", Limit: "1个工作日"},
			{Name: "制证送达", Who: "综合窗口", Limit: "1个工作日"},
		},
		LegalBasis: []catalog.Basis{
			{Law: "中华人民共和国食品安全法", Article: "第三十五条", Text: "国家对食品生产经营实行许可制度。从事食品生产、食品销售、餐饮服务，应当依法取得许可。"},
			{Law: "《食品经营许可和备案管理办法》", Number: "国家市场监督管理总局令第78号", Article: "第四条"},
		},
		FAQ: []catalog.Question{
			{Question: "只卖预包装食品要办证吗？", Answer: "不用办许可，但要在开业前办理仅销售预包装食品备案。"},
			{Question: "许可证能用多久？", Answer: "五年。到期前九十个工作日至十五个工作日期间申请延续。"},
		},
		Places: []catalog.Place{{Name: "随州市政务服务中心", Address: "随州市曾都区迎宾大道68号", Window: "二楼综合窗口 B12"}},
		Hours:  "工作日 9:00–12:00，13:30–17:00", Phone: "0722-3312345", ComplaintPhone: "0722-3318315",
		Licence: &catalog.Licence{Type: "11100000MB0341032Y001", Title: "食品经营许可证", ValidYears: 5}, FormID: "food", FormVersion: 1,
	}
	closed := *food
	closed.ID, closed.Name, closed.Status, closed.StatusReason, closed.Online, closed.Visits = closedID, "小餐饮经营许可", catalog.Suspended, "因系统升级，11月30日前到窗口办理。", false, 1
	closed.OrgCode, closed.OrgName, closed.Region, closed.RegionName = "zd-scjg", "随州市曾都区市场监督管理局", countyZD, "曾都区"
	// What an imported row may lack: nearly everything.
	bare := &catalog.Item{
		ID: bareID, TaskCode: "GA-0093", Name: "对在城镇企业职工基本养老保险中断缴费期间符合规定条件的人员补缴情形的确认", TaskType: "07",
		OrgCode: "sz-rsj", OrgName: "随州市人力资源和社会保障局", Region: cityCode, RegionName: "随州市", Status: catalog.Published,
		ProjectType: catalog.Instant, Fee: "按《国家发展改革委关于降低部分行政事业性收费标准的通知》规定的标准收取，每人每次20元。",
		Visits: 1, Phone: "见各窗口公示牌",
	}
	return &fakeCatalog{items: []*catalog.Item{food, &closed, bare}}
}

func (f *fakeCatalog) ItemByID(_ context.Context, id string) (*catalog.Item, error) {
	for _, it := range f.items {
		if it.ID == id {
			return it, f.err
		}
	}
	return nil, catalog.ErrNotFound
}

func rowOf(it *catalog.Item) catalog.Row {
	return catalog.Row{
		ID: it.ID, Name: it.Name, OrgCode: it.OrgCode, OrgName: it.OrgName, Region: it.Region, RegionName: it.RegionName, TaskType: it.TaskType,
		TaskTypeText: it.TaskTypeText(), ProjectType: it.ProjectType, Status: it.Status, StatutoryLimit: it.StatutoryLimit,
		PromisedLimit: it.PromisedLimit, Visits: it.Visits, Online: it.Online, Complete: it.Complete,
	}
}

func (f *fakeCatalog) Search(_ context.Context, q catalog.Query) (catalog.Found, error) {
	if f.err != nil {
		return catalog.Found{}, f.err
	}
	if _, err := q.Page.Decode(&struct{}{}); err != nil {
		return catalog.Found{}, err
	}
	out := catalog.Found{Match: catalog.Exact}
	for _, it := range f.items {
		if strings.Contains(it.Name, q.Text) && (q.OrgCode == "" || q.OrgCode == it.OrgCode) && (q.Region == "" || strings.HasPrefix(it.Region, strings.TrimRight(q.Region, "0"))) {
			out.Rows = append(out.Rows, rowOf(it))
		}
	}
	if len(out.Rows) == 0 && q.Text == "绝无此事" {
		return out, nil
	}
	if len(out.Rows) == 0 {
		out.Match, out.DidYouMean = catalog.Popular, []string{"食品经营许可"}
		out.Rows = []catalog.Row{rowOf(f.items[0])}
	}
	if q.Text == "许可" && q.Page.Cursor == "" {
		out.Next = page.Encode(struct{}{})
	}
	return out, nil
}

func (f *fakeCatalog) Suggest(_ context.Context, text, _ string) ([]catalog.Row, error) {
	found, err := f.Search(context.Background(), catalog.Query{Text: text})
	return found.Rows, err
}

var themeNames = map[string][]string{
	"natural": {"005 生育收养", "010 户籍办理", "020 教育科研", "030 就业创业", "040 准营准办", "060 婚姻登记", "075 住房保障", "085 社会保障（社会保险、社会救助）", "090 证件办理", "095 交通出行", "105 出境入境", "145 医疗卫生", "150 离职退休", "155 死亡殡葬"},
	"legal":   {"005 设立变更", "010 准营准办", "015 资质认证", "020 年检年审", "025 税收财务", "030 人力资源", "040 投资审批", "045 融资信贷", "085 国土和规划建设", "090 交通运输", "145 安全生产", "165 法人注销"},
}

func (f *fakeCatalog) Themes(context.Context, string) ([]catalog.ThemeCount, error) {
	var out []catalog.ThemeCount
	for _, kind := range []string{"natural", "legal"} {
		for i, n := range themeNames[kind] {
			code, name, _ := strings.Cut(n, " ")
			out = append(out, catalog.ThemeCount{Code: kind + ":" + code, Kind: kind, Name: name, Count: 7*i + 3})
		}
	}
	return append(out, catalog.ThemeCount{Code: "legal:999", Kind: "legal", Name: "其他"}), f.err
}

func (f *fakeCatalog) Departments(_ context.Context, region string) ([]catalog.OrgCount, error) {
	names := []string{"sz-scjg 市场监督管理局", "sz-rsj 人力资源和社会保障局", "sz-wjw 卫生健康委员会", "sz-jtys 交通运输局", "sz-mzj 民政局", "sz-gaj 公安局", "sz-zrzy 自然资源和规划局", "sz-zjj 住房和城乡建设局", "sz-jyj 教育局", "sz-nyncj 农业农村局", "sz-sthj 生态环境局", "sz-wlj 文化和旅游局", "sz-yjj 应急管理局", "sz-swj 商务局"}
	var out []catalog.OrgCount
	for i, n := range names {
		code, name, _ := strings.Cut(n, " ")
		out = append(out, catalog.OrgCount{Code: code, Name: "随州市" + name, Region: cityCode, Count: 120 - 8*i})
	}
	out = append(out, catalog.OrgCount{Code: "zd-scjg", Name: "随州市曾都区市场监督管理局", Region: countyZD, Count: 42})
	if region == countyZD {
		out = out[len(out)-1:]
	}
	return out, f.err
}

func (f *fakeCatalog) Regions(context.Context) ([]catalog.RegionCount, error) {
	return []catalog.RegionCount{
		{Code: cityCode, Name: "随州市", Count: 3397},
		{Code: countyZD, Name: "曾都区", Count: 612},
		{Code: "421321000000", Name: "随县", Count: 604},
		{Code: "421381000000", Name: "广水市", Count: 640},
	}, f.err
}

type fakeDirectory struct{ catalog *fakeCatalog }

func (f fakeDirectory) OrgByCode(ctx context.Context, code string) (*directory.Org, error) {
	all, _ := f.catalog.Departments(ctx, "")
	for _, o := range all {
		if o.Code == code {
			return &directory.Org{Code: code, Name: o.Name, Phone: "0722-3312345", Address: "随州市曾都区迎宾大道68号", Region: o.Region}, nil
		}
	}
	return nil, fault.New(fault.NotFound, "directory.org-not-found", "没有这个机构。")
}

// fakeVerifier takes the first word of a file, or the code, for the verdict.
type fakeVerifier struct{ now time.Time }

func (f fakeVerifier) report(v licence.Verdict) licence.VerifyReport {
	to := f.now.AddDate(5, 0, -1)
	rep := licence.VerifyReport{Verdict: v, Summary: "这是由随州市市场监督管理局签发的食品经营许可证，内容没有改动，在有效期内。", At: f.now, Checks: []licence.Check{
		{Code: "ofd.format", Name: "文件格式", Result: licence.Pass, Detail: "是完整的 OFD 文件，每个部件都在签名保护之内"},
		{Code: "seal.signature", Name: "签章", Result: licence.Pass, Detail: "SM2 签名与文件内容一致"},
		{Code: "register.status", Name: "登记状态", Result: licence.Pass},
	}}
	if v == licence.VerdictAltered {
		rep.Summary = "文件与签发时不一样，请不要采信。"
		rep.Checks[1].Result, rep.Checks[1].Detail = licence.Fail, "第 1 页的内容在盖章之后被改动过"
		rep.Checks[2].Result = licence.Skip
		return rep
	}
	if v == licence.VerdictUnknown {
		rep.Summary = "登记簿里没有这张证照。"
		return rep
	}
	rep.Licence = &licence.Public{
		Identifier: "1.2.156.3005.2.11100000MB0341032Y001.11421300MB00112233.20260000001.001.K", Title: "食品经营许可证", Number: "JY24213030012345",
		HolderName: "随州市好味道餐饮有限公司", HolderMasked: "9142**********123X", IssuerName: "随州市市场监督管理局", IssuedAt: f.now, ValidFrom: f.now, ValidTo: &to,
		Status: licence.Valid, StatusText: "有效",
	}
	if v == licence.VerdictRevoked {
		rep.Licence.Status, rep.Licence.StatusText = licence.Revoked, "已撤销"
	}
	return rep
}

func (f fakeVerifier) Verify(_ context.Context, file []byte) (licence.VerifyReport, error) {
	return f.report(licence.Verdict(strings.TrimSpace(string(file)))), nil
}

func (f fakeVerifier) VerifyByCode(_ context.Context, code string) (licence.VerifyReport, error) {
	if code == goodCode {
		return f.report(licence.VerdictValid), nil
	}
	return f.report(licence.VerdictUnknown), nil
}

type city struct {
	service *Service
	catalog *fakeCatalog
	mux     *http.ServeMux
}

func newCity(t testing.TB) *city {
	t.Helper()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, clock.Shanghai)
	c := &city{catalog: newFakeCatalog(), mux: http.NewServeMux()}
	c.service = New(Deps{
		Catalog: c.catalog, Directory: fakeDirectory{c.catalog}, Licences: fakeVerifier{now}, Clock: clock.NewFake(now),
		City: "随州市", Region: cityCode, PublicURL: "https://zwfw.example.test",
	})
	for _, rt := range c.service.routes() {
		if rt.method == "" {
			rt.method = http.MethodGet
		}
		c.mux.HandleFunc(fmt.Sprintf("%s %s", rt.method, rt.path), c.service.page(rt.serve))
	}
	c.service.open(c.mux)
	return c
}
