package licence

import "time"

// The events of this module; the key is the licence's id.
const (
	Issued  = "licence.issued"
	Stopped = "licence.revoked" // 撤销、吊销 or 注销: it holds no more
)

// Changed is the payload of both events. It carries no personal data: who needs
// the holder's asks this module, with a right.
type Changed struct {
	Identifier        string     `json:"identifier"`
	Type              string     `json:"type"`
	Title             string     `json:"title"`
	Number            string     `json:"number"`
	CaseNo            string     `json:"case_no"`
	ItemID            string     `json:"item_id"`
	HolderApplicantID string     `json:"holder_applicant_id"`
	IssuerID          string     `json:"issuer_id"`
	IssuerPath        string     `json:"issuer_path"`
	Region            string     `json:"region"`
	Status            Status     `json:"status"`
	StatusReason      string     `json:"status_reason"`
	ValidFrom         time.Time  `json:"valid_from"`
	ValidTo           *time.Time `json:"valid_to"`
}

func changed(l *Licence) Changed {
	return Changed{
		Identifier: l.Identifier, Type: l.Type, Title: l.Title, Number: l.Number, CaseNo: l.CaseNo, ItemID: l.ItemID,
		HolderApplicantID: l.HolderApplicantID, IssuerID: l.IssuerID, IssuerPath: l.IssuerPath, Region: l.Region,
		Status: l.Status, StatusReason: l.StatusReason, ValidFrom: l.ValidFrom, ValidTo: l.ValidTo,
	}
}

// ActionNames are the Chinese names of what this module writes into the evidence log.
var ActionNames = map[string]string{
	"licence.issue": "制发证照", "licence.view": "查看证照", "licence.download": "下载证照原件", "licence.unmask": "查看完整个人信息", "licence.present": "出示证照", "licence.revoke": "撤销或注销证照",
}
