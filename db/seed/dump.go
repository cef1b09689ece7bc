package seed

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

const header = `--
-- The seed data of rates: %d regions, %d ports and %d prices.
--
-- The ports are real and stand by their UN/LOCODE code. The regions group them
-- for this project. The prices are invented: nobody asked or paid them. They
-- are whole US dollars for one container, from %s to %s.
-- From %s to %s there is no price at all.
--
-- Made by: go run ./db/generate
-- Loaded into an empty database by: psql -v ON_ERROR_STOP=1 -f db/rates.sql
--

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET client_min_messages = warning;

CREATE TABLE public.regions (
    slug text NOT NULL,
    name text NOT NULL,
    parent_slug text
);

CREATE TABLE public.ports (
    code text NOT NULL,
    name text NOT NULL,
    parent_slug text NOT NULL
);

CREATE TABLE public.prices (
    orig_code text NOT NULL,
    dest_code text NOT NULL,
    day date NOT NULL,
    price integer NOT NULL
);
`

const footer = `
ALTER TABLE ONLY public.regions
    ADD CONSTRAINT regions_pkey PRIMARY KEY (slug);

ALTER TABLE ONLY public.ports
    ADD CONSTRAINT ports_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.regions
    ADD CONSTRAINT regions_parent_slug_fkey FOREIGN KEY (parent_slug) REFERENCES public.regions(slug);

ALTER TABLE ONLY public.ports
    ADD CONSTRAINT ports_parent_slug_fkey FOREIGN KEY (parent_slug) REFERENCES public.regions(slug);

ALTER TABLE ONLY public.prices
    ADD CONSTRAINT prices_orig_code_fkey FOREIGN KEY (orig_code) REFERENCES public.ports(code);

ALTER TABLE ONLY public.prices
    ADD CONSTRAINT prices_dest_code_fkey FOREIGN KEY (dest_code) REFERENCES public.ports(code);
`

const endOfCopy = "\\.\n"

// Write writes the seed data to w as a plain dump, the same on every call.
func Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	prices := allPrices()
	fmt.Fprintf(out, header, len(regions), len(ports), len(prices),
		firstDay.Format(time.DateOnly), lastDay.Format(time.DateOnly), silentOrigin, silentDest)
	writePlaces(out)
	fmt.Fprint(out, pricesHeader)
	for _, p := range prices {
		fmt.Fprintf(out, "%s\t%s\t%s\t%d\n", p.orig, p.dest, p.day.Format(time.DateOnly), p.usd)
	}
	fmt.Fprint(out, endOfCopy, footer)

	// Flush returns the first error of any write.
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the dump: %w", err)
	}
	return nil
}

const pricesHeader = "\nCOPY public.prices (orig_code, dest_code, day, price) FROM stdin;\n"

func writePlaces(out *bufio.Writer) {
	fmt.Fprint(out, "\nCOPY public.regions (slug, name, parent_slug) FROM stdin;\n")
	for _, r := range regions {
		parent := `\N`
		if r.parent != "" {
			parent = escape(r.parent)
		}
		fmt.Fprintf(out, "%s\t%s\t%s\n", escape(r.slug), escape(r.name), parent)
	}
	fmt.Fprint(out, endOfCopy)

	fmt.Fprint(out, "\nCOPY public.ports (code, name, parent_slug) FROM stdin;\n")
	for _, p := range ports {
		fmt.Fprintf(out, "%s\t%s\t%s\n", escape(p.code), escape(p.name), escape(p.region))
	}
	fmt.Fprint(out, endOfCopy)
}

// escape returns s as a field of COPY's text format.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`).Replace(s)
}
