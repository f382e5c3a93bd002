package directory

import (
	"context"

	"onedoor/internal/platform/httpapi"
)

// Routes registers the public lists: who governs where is nobody's secret.
func (s *Service) Routes(api *httpapi.Server) {
	httpapi.Handle(api, httpapi.Op{
		ID: "directory-orgs", Method: "GET", Path: "/api/orgs", Tag: "directory",
		Summary: "单位列表：按地区、上级单位或类别筛选", Access: httpapi.Public,
	}, s.getOrgs)
	httpapi.Handle(api, httpapi.Op{
		ID: "directory-regions", Method: "GET", Path: "/api/regions", Tag: "directory",
		Summary: "下级行政区划列表", Access: httpapi.Public,
	}, s.getRegions)
}

type orgsIn struct {
	Region string `query:"region" doc:"12 位行政区划代码，含其下级"`
	Parent string `query:"parent" doc:"上级单位的代码，如 sz"`
	Kind   string `query:"kind" enum:"government,department,institution,zone" doc:"单位类别"`
}

type orgsOut struct {
	Body struct {
		Rows []Org `json:"rows"`
	}
}

func (s *Service) getOrgs(ctx context.Context, in *orgsIn) (*orgsOut, error) {
	orgs, err := s.Orgs(ctx, OrgFilter{Region: in.Region, Parent: in.Parent, Kind: Kind(in.Kind)})
	if err != nil {
		return nil, err
	}
	out := &orgsOut{}
	out.Body.Rows = orgs
	return out, nil
}

type regionsIn struct {
	Parent string `query:"parent" doc:"上级行政区划代码（12 位）；不填则返回本市"`
}

type regionsOut struct {
	Body struct {
		Rows []Region `json:"rows"`
	}
}

func (s *Service) getRegions(ctx context.Context, in *regionsIn) (*regionsOut, error) {
	regions, err := s.Regions(ctx, in.Parent)
	if err != nil {
		return nil, err
	}
	out := &regionsOut{}
	out.Body.Rows = regions
	return out, nil
}
