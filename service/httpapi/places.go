package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"example.com/rates/service/rates"
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
	return list(a, w, r, "ports", a.Store.Ports, func(port rates.Port) portDoc {
		return portDoc{Code: port.Code, Name: port.Name, Region: port.Parent}
	})
}

func (a *api) getRegions(w *response, r *http.Request) error {
	return list(a, w, r, "regions", a.Store.Regions, func(region rates.Region) regionDoc {
		doc := regionDoc{Slug: region.Slug, Name: region.Name}
		if region.Parent != "" {
			doc.Parent = &region.Parent
		}
		return doc
	})
}

// list answers with all places of one kind, under the given name.
func list[P, D any](a *api, w *response, r *http.Request, name string,
	ask func(context.Context) ([]P, int64, error), doc func(P) D,
) error {
	if _, err := negotiate(w, r, jsonOffer); err != nil {
		return err
	}
	var places []P
	var version int64
	err := a.question(r.Context(), func(ctx context.Context) (err error) {
		places, version, err = ask(ctx)
		return err
	})
	if err != nil {
		return err
	}
	docs := make([]D, len(places))
	for i, place := range places {
		docs[i] = doc(place)
	}
	body, err := json.Marshal(map[string][]D{name: docs})
	if err != nil {
		return fmt.Errorf("encode list: %w", err)
	}
	newAnswer(asJSON, asJSON.tag(version), append(body, '\n')).write(w, r)
	return nil
}
