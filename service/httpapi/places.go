package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"example.com/rates/service/page"
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
	form, err := negotiate(w, r, pageOffers)
	if err != nil {
		return err
	}
	if form == asHTML {
		return a.choosePlace(w, r)
	}
	return list(a, w, r, "ports", a.Store.Ports, func(port rates.Port) portDoc {
		return portDoc{Code: port.Code, Name: port.Name, Region: port.Parent}
	})
}

func (a *api) getRegions(w *response, r *http.Request) error {
	if _, err := negotiate(w, r, jsonOffer); err != nil {
		return err
	}
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
	places, version, err := listed(r.Context(), a, ask)
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

// listed asks the store for all places of one kind.
func listed[P any](ctx context.Context, a *api, ask func(context.Context) ([]P, int64, error)) (places []P, version int64, err error) {
	err = a.question(ctx, func(ctx context.Context) (int64, error) {
		places, version, err = ask(ctx)
		return version, err
	})
	return places, version, err
}

// choosePlace shows ports and regions as a tree, to choose one without script.
func (a *api) choosePlace(w *response, r *http.Request) error {
	regions, version, err := listed(r.Context(), a, a.Store.Regions)
	if err != nil {
		return err
	}
	ports, after, err := listed(r.Context(), a, a.Store.Ports)
	if err != nil {
		return err
	}
	values := r.URL.Query()
	body, err := page.Draw(page.Choose(values.Get("choose") == destCode, values, regions, ports))
	if err != nil {
		return err
	}
	newAnswer(asHTML, asHTML.tag(min(version, after)), body).write(w, r)
	return nil
}
