package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
)

type portDoc struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Region string `json:"region"`
}

type regionDoc struct {
	Slug   string  `json:"slug"`
	Name   string  `json:"name"`
	Parent *string `json:"parent"`
}

func (a *api) getPorts(w *response, r *http.Request) error {
	if _, err := negotiate(r, mediaJSON); err != nil {
		return err
	}
	ctx, done, err := a.beginQuestion(r.Context())
	if err != nil {
		return err
	}
	defer done()
	ports, version, err := a.Store.Ports(ctx)
	if err != nil {
		return err
	}
	docs := make([]portDoc, len(ports))
	for i, port := range ports {
		docs[i] = portDoc{Code: port.Code, Name: port.Name, Region: port.Parent}
	}
	return writeList(w, r, version, map[string][]portDoc{"ports": docs})
}

func (a *api) getRegions(w *response, r *http.Request) error {
	if _, err := negotiate(r, mediaJSON); err != nil {
		return err
	}
	ctx, done, err := a.beginQuestion(r.Context())
	if err != nil {
		return err
	}
	defer done()
	regions, version, err := a.Store.Regions(ctx)
	if err != nil {
		return err
	}
	docs := make([]regionDoc, len(regions))
	for i, region := range regions {
		docs[i] = regionDoc{Slug: region.Slug, Name: region.Name}
		if region.Parent != "" {
			docs[i].Parent = &region.Parent
		}
	}
	return writeList(w, r, version, map[string][]regionDoc{"regions": docs})
}

func writeList(w *response, r *http.Request, version int64, list any) error {
	body, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("encode list: %w", err)
	}
	writeAnswer(w, r, mediaJSON, versionTag(version, mediaJSON), append(body, '\n'))
	return nil
}
