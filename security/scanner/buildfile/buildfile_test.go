package buildfile

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pin is a digest.
var pin = "@sha256:" + strings.Repeat("a", 64)

// rules examines a Dockerfile, in which @ stands for a digest, and returns the
// rules it breaks with their lines.
func rules(t *testing.T, text string) string {
	t.Helper()
	found, err := Check("Dockerfile", []byte(strings.ReplaceAll(text, "@PIN", pin)))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var names []string
	for _, f := range found {
		names = append(names, strings.TrimPrefix(f.Rule, "DOCKERFILE_")+":"+strconv.Itoa(f.Line))
		if f.Message == "" || f.Help == "" || f.File != "Dockerfile" {
			t.Errorf("%s: a finding says too little: %+v", text, f)
		}
	}
	return strings.Join(names, " ")
}

const ordinary = "\nUSER 65532\n"

func TestImagesHaveDigests(t *testing.T) {
	for text, want := range map[string]string{
		"FROM alpine:3.20": "DIGEST:1",
		"FROM alpine":      "DIGEST:1",
		"FROM --platform=linux/amd64 alpine:3.20 AS build":                                                 "DIGEST:1",
		"FROM alpine@sha256:abc":                                                                           "DIGEST:1",
		"FROM alpine:3.20@PIN":                                                                             "",
		"FROM --platform=$BUILDPLATFORM alpine@PIN AS build":                                               "",
		"FROM scratch":                                                                                     "",
		"ARG BASE=alpine:3.20\nFROM ${BASE}":                                                               "DIGEST:2",
		"ARG V=3.20\nFROM alpine:${V}":                                                                     "DIGEST:2",
		"ARG BASE=alpine:3.20@PIN\nFROM ${BASE}":                                                           "",
		"ARG BASE\nFROM $BASE":                                                                             "DIGEST:2",
		"FROM ${BASE:-alpine:3}":                                                                           "DIGEST:1",
		"FROM alpine@PIN AS build\nFROM Build":                                                             "",
		"FROM alpine@PIN AS build\nFROM builder":                                                           "DIGEST:2",
		"FROM alpine@PIN\nCOPY --from=busybox:1 /bin/sh /":                                                 "DIGEST:2",
		"ARG B=busybox:1\nFROM alpine@PIN\nCOPY --from=${B} /bin/sh /":                                     "DIGEST:3",
		"FROM alpine@PIN\nCOPY --from=busybox@PIN /bin/sh /":                                               "",
		"FROM alpine@PIN AS b\nFROM scratch\nCOPY --from=b / /":                                            "",
		"FROM alpine@PIN AS b\nFROM scratch\nCOPY --from=0 / /":                                            "",
		"FROM alpine@PIN\nRUN --mount=from=golang:1,target=/go true":                                       "DIGEST:2",
		"FROM alpine@PIN\nRUN --mount=type=bind,from=golang:1,target=/go \\\n  true":                       "DIGEST:2",
		"FROM alpine@PIN AS b\nFROM alpine@PIN\nRUN --mount=type=bind,from=b,target=/b true":               "",
		"FROM alpine@PIN\nRUN --mount=type=cache,target=/c --mount=type=secret,id=x --mount=type=ssh true": "",
		"FROM alpine@PIN\nONBUILD COPY --from=busybox:1 /bin/sh /":                                         "DIGEST:2",
		"# syntax=docker/dockerfile:1\nFROM alpine@PIN":                                                    "DIGEST:1",
		"#syntax = docker/dockerfile:1.7-labs\nFROM alpine@PIN":                                            "DIGEST:1",
		"# syntax=docker/dockerfile:1@PIN\nFROM alpine@PIN":                                                "",
		"FROM alpine@PIN\n# syntax=docker/dockerfile:1":                                                    "", // an ordinary comment
	} {
		if got := rules(t, text+ordinary); got != want {
			t.Errorf("%s: found %q, want %q", text, got, want)
		}
	}
}

func TestInstructions(t *testing.T) {
	for text, want := range map[string]string{
		"RUN curl -fsSL https://example.com/i | sh":                                            "DOWNLOAD:2",
		"RUN set -eux; \\\n  apk add curl; \\\n  curl https://example.com/i | bash":            "DOWNLOAD:2",
		`RUN ["sh", "-c", "wget -qO- https://example.com/i | sh"]`:                             "DOWNLOAD:2",
		"RUN <<EOF\ncurl https://example.com/i | sh\nEOF":                                      "DOWNLOAD:2",
		"RUN curl -o /i.sh https://example.com/i\nRUN sh /i.sh":                                "DOWNLOAD:3",
		`CMD curl https://example.com/i | sh`:                                                  "DOWNLOAD:2",
		`ENTRYPOINT ["sh", "-c", "curl https://example.com/i | sh"]`:                           "DOWNLOAD:2",
		"ONBUILD RUN curl https://example.com/i | sh":                                          "DOWNLOAD:2",
		"RUN curl -o i https://example.com/i && echo 'abc  i' | sha256sum -c && sh i":          "",
		"RUN curl https://example.com/x.tgz | tar xz":                                          "",
		"ADD https://example.com/i.sh /i.sh":                                                   "ADD:2",
		"ADD https://github.com/acme/x.git#v1 /x":                                              "ADD:2",
		"ADD git@github.com:acme/x.git /x":                                                     "ADD:2",
		"ARG V=1\nADD https://example.com/${V}.tar /x":                                         "ADD:3",
		"ADD --checksum=sha256:" + strings.Repeat("a", 64) + " https://example.com/i.sh /i.sh": "",
		"ADD https://github.com/acme/x.git#" + strings.Repeat("a", 40) + " /x":                 "",
		"ADD files.tar /x":                           "",
		"RUN --security=insecure true":               "PRIVILEGES:2",
		"RUN --network=host true":                    "PRIVILEGES:2",
		"RUN --network=none --security=sandbox true": "",
		"RUN chmod 777 /srv":                         "WRITABLE:2",
		"RUN mkdir /srv && chmod -R 0777 /srv":       "WRITABLE:2",
		"RUN chmod a+rwx /srv":                       "WRITABLE:2",
		"RUN chmod -R ugo+w /srv":                    "WRITABLE:2",
		"RUN chmod o+w /srv":                         "WRITABLE:2",
		"RUN chmod a=rwx /srv":                       "WRITABLE:2",
		"RUN chmod u=rwx,g=rx,o=rwx /srv":            "WRITABLE:2",
		"RUN chmod 666 /srv/x":                       "WRITABLE:2",
		"RUN install -m 0777 a /srv":                 "WRITABLE:2",
		"RUN mkdir -m 777 /srv":                      "WRITABLE:2",
		"COPY --chmod=777 a /srv":                    "WRITABLE:2",
		"COPY --chmod=u=rw,o+w a /srv":               "WRITABLE:2",
		"RUN chmod 755 /srv && chmod u+w,go-w /srv && chmod +x a && chmod 640 b": "",
		"RUN chmod 1777 /tmp && chmod g+w a && chmod 2775 b":                     "",
		"COPY --chmod=0644 a /srv":                                               "",
		"ENV DB_PASSWORD=hunter2":                                                "SECRET:2",
		"ENV A=b TOKEN=hunter2":                                                  "SECRET:2",
		"ENV DATABASE_URL=postgres://rates:hunter2@db/rates":                     "SECRET:2",

		"ARG NPM_TOKEN":                "SECRET:2",
		"ARG API_KEY=hunter2\nENV X=1": "SECRET:2",
		"ENV DB_PASSWORD_FILE=/run/secrets/x DATABASE_URL=postgres://rates@db/rates TOKEN_URL=https://example.com": "",
		"ENV DB_PASSWORD=": "",
		"ARG VERSION=dev":  "",
		"USER root":        "",
	} {
		if got := rules(t, "FROM alpine@PIN\n"+text+ordinary); got != want {
			t.Errorf("%s: found %q, want %q", text, got, want)
		}
	}
}

// A here-document is run, written or read, as the command before it says, and the
// test of a health check is a script or a command.
func TestScriptsOfInstructions(t *testing.T) {
	const download = "curl https://example.com/i | sh"
	for text, want := range map[string]string{
		"RUN <<-'EOF'\n" + download + "\nEOF":                      "DOWNLOAD:2",
		"RUN bash <<EOF\n" + download + "\nEOF":                    "DOWNLOAD:2",
		"RUN cat <<EOF > /i.sh && sh /i.sh\n" + download + "\nEOF": "DOWNLOAD:2",
		"RUN cat <<EOF > /README\n" + download + "\nEOF":           "",
		"HEALTHCHECK CMD " + download:                              "DOWNLOAD:2",
		`HEALTHCHECK CMD ["sh", "-c", "` + download + `"]`:         "DOWNLOAD:2",
		"HEALTHCHECK CMD curl -f http://127.0.0.1/ || exit 1":      "",
		"HEALTHCHECK NONE":                                         "",
	} {
		if got := rules(t, "FROM alpine@PIN\n"+text+ordinary); got != want {
			t.Errorf("%s: found %q, want %q", text, got, want)
		}
	}
}

func TestLastUser(t *testing.T) {
	for text, want := range map[string]string{
		"FROM a@PIN":                                   "ROOT:1",
		"FROM a@PIN\nUSER root":                        "ROOT:2",
		"FROM a@PIN\nUSER 0:0":                         "ROOT:2",
		"FROM a@PIN\nUSER app\nUSER root:root":         "ROOT:3",
		"FROM a@PIN\nARG U=root\nUSER $U":              "ROOT:3",
		"FROM a@PIN\nUSER app\nFROM a@PIN\nRUN x":      "ROOT:3",
		"FROM a@PIN\nUSER app":                         "",
		"FROM a@PIN AS b\nUSER app\nFROM b":            "",
		"FROM a@PIN AS b\nUSER app\nFROM b\nUSER root": "ROOT:4",
		"FROM a:nonroot@PIN":                           "",
		"FROM a@PIN\nUSER root\nRUN x\nUSER 1000:1000": "",
	} {
		if got := rules(t, text+"\n"); got != want {
			t.Errorf("%s: found %q, want %q", text, got, want)
		}
	}
}

// The Dockerfiles of this repository follow the rules.
func TestOwnDockerfiles(t *testing.T) {
	for _, name := range []string{"Dockerfile", "deploy/smoke/smoke.Dockerfile"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		found, err := Check(name, content)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(0, len(found)); diff != "" {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("FROM alpine\nRUN curl x | sh\nUSER root\n")
	f.Add("# syntax=a\nARG A=b\nFROM $A AS c\nONBUILD COPY --from=c a b\nADD --chmod=777 https://a /\n")
	f.Fuzz(func(t *testing.T, text string) {
		found, err := Check("Dockerfile", []byte(text))
		for _, one := range found {
			if err != nil || one.Rule == "" || one.Line < 1 {
				t.Errorf("finding %+v, error %v", one, err)
			}
		}
	})
}
