package site

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"onedoor/internal/catalog"
	"onedoor/internal/kernel/page"
)

func (s *Service) robots(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = fmt.Fprintf(w, "User-agent: *\nDisallow: /api/\nDisallow: /my\nDisallow: /apply/\nDisallow: /desk\nDisallow: /suggest\nDisallow: /verify?\nSitemap: %s/sitemap.xml\n", s.origin(r))
}

type sitemapIndex struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
	Parts   []sitemapLoc `xml:"sitemap"`
}

type sitemapURLs struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []sitemapLoc `xml:"url"`
}

type sitemapLoc struct {
	Loc string `xml:"loc"`
}

// sitemap lists one part for the fixed pages and one for each department, so
// that no request walks the whole catalogue.
func (s *Service) sitemap(w http.ResponseWriter, r *http.Request) error {
	depts, err := s.Catalog.Departments(r.Context(), "")
	if err != nil {
		return err
	}
	index := sitemapIndex{Parts: []sitemapLoc{{s.origin(r) + "/sitemaps/pages.xml"}}}
	for _, d := range depts {
		index.Parts = append(index.Parts, sitemapLoc{s.origin(r) + "/sitemaps/" + d.Code + ".xml"})
	}
	return writeXML(w, index)
}

// sitemapMax bounds one part; the protocol allows 50,000.
const sitemapMax = 5000

func (s *Service) sitemapPart(w http.ResponseWriter, r *http.Request) error {
	code, isXML := strings.CutSuffix(r.PathValue("part"), ".xml")
	if !isXML {
		return errNoPage
	}
	if code == "pages" {
		return s.sitemapPages(w, r)
	}
	urls := sitemapURLs{URLs: []sitemapLoc{{s.origin(r) + "/departments/" + code}}}
	q := catalog.Query{OrgCode: code, Page: page.Request{Size: page.MaxSize}}
	for len(urls.URLs) < sitemapMax {
		found, err := s.Catalog.Search(r.Context(), q)
		if err != nil {
			return err
		}
		if found.Match != catalog.Exact {
			return errNoDepartment
		}
		for _, row := range found.Rows {
			urls.URLs = append(urls.URLs, sitemapLoc{s.origin(r) + "/items/" + row.ID})
		}
		if found.Next == "" {
			break
		}
		q.Page.Cursor = found.Next
	}
	return writeXML(w, urls)
}

func (s *Service) sitemapPages(w http.ResponseWriter, r *http.Request) error {
	urls := sitemapURLs{}
	for _, l := range sections {
		urls.URLs = append(urls.URLs, sitemapLoc{s.origin(r) + l.Href})
	}
	themes, err := s.Catalog.Themes(r.Context(), "")
	if err != nil {
		return err
	}
	for _, t := range themes {
		if t.Count > 0 {
			urls.URLs = append(urls.URLs, sitemapLoc{s.origin(r) + "/themes/" + t.Code})
		}
	}
	return writeXML(w, urls)
}

func writeXML(w http.ResponseWriter, v any) error {
	body, err := xml.Marshal(v)
	if err != nil {
		return fmt.Errorf("sitemap: %w", err)
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	// A reader that went away is no failure of the page.
	_, _ = w.Write(append([]byte(xml.Header), body...))
	return nil
}
