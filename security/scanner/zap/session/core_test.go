package session

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/rates/security/scanner"
	"example.com/rates/security/toolbox"
)

// The real core of ZAP, without the add-ons that have rules, must not pass. Maven
// Central has it; its add-on network makes it listen.
func TestRealCore(t *testing.T) {
	if os.Getenv("REQUIRE_TOOLS") != "1" {
		t.Skip("SKIP: the real core of ZAP was not tried; run: REQUIRE_TOOLS=1 go test ./security/scanner/zap/session -run TestRealCore")
	}
	for _, program := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIP: the real core of ZAP was not tried: %s is missing", program)
		}
	}
	core := realCore(t)
	t.Setenv("ZAP_HOME", core)
	box := toolbox.Box{Pins: "../../../tools", Cache: t.TempDir(), Records: t.TempDir()}
	made, err := box.Install(t.Context(), "zap")
	if err != nil {
		t.Fatal(err)
	}
	tool := made.Tool
	r := Run(t.Context(), Config{Target: bad(t), ZAP: tool.Path})
	if r.Version != tool.Version || r.Failure == nil || r.Failure.Kind != scanner.NothingExamined || !strings.Contains(r.Failure.Detail, "no_implementor") {
		t.Errorf("version %s, failure %+v; want %s and that nothing was examined", r.Version, r.Failure, tool.Version)
	}
}

// realCore returns a folder like that of a release, with the core only.
func realCore(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	fetch(t, filepath.Join(home, "lib"), "org.zaproxy:zap:2.17.0")
	libraries := filepath.Join(t.TempDir(), "libraries")
	fetch(t, libraries, "org.zaproxy.addon:network:0.25.0")
	plugins := filepath.Join(home, "plugin")
	err := errors.Join(
		os.Rename(filepath.Join(home, "lib", "zap-2.17.0.jar"), filepath.Join(home, "zap-2.17.0.jar")),
		os.WriteFile(filepath.Join(home, "zap.sh"), []byte("#!/bin/sh\nexec java -Xmx512m -jar '"+home+"/zap-2.17.0.jar' \"$@\"\n"), 0o700),
		os.Mkdir(plugins, 0o700),
		addOn(filepath.Join(plugins, "network-beta-0.25.0.zap"), libraries),
		// The core does not start without it; a manifest is enough.
		archive(filepath.Join(plugins, "callhome-release-0.0.1.zap"), func(w *zip.Writer) error {
			return entry(w, "ZapAddOn.xml", strings.NewReader(
				"<zapaddon><name>callhome</name><version>0.0.1</version><status>release</status><not-before-version>2.17.0</not-before-version></zapaddon>"))
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	return home
}

// fetch copies a Maven artifact and what it needs into a folder.
func fetch(t *testing.T, to, artifact string) {
	t.Helper()
	part := strings.Split(artifact, ":")
	pom := filepath.Join(t.TempDir(), "pom.xml")
	text := fmt.Sprintf(`<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>test</groupId><artifactId>test</artifactId><version>1</version><dependencies><dependency>
<groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency></dependencies></project>`, part[0], part[1], part[2])
	if err := os.WriteFile(pom, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+to).CombinedOutput()
	if err != nil {
		t.Skipf("SKIP: the real core of ZAP was not tried: Maven cannot get %s: %v\n%s", artifact, err, out)
	}
}

// addOn packs the add-on network as a release has it: with the classes of netty, and
// its other libraries in a folder.
func addOn(to, libraries string) error {
	jars, err := filepath.Glob(filepath.Join(libraries, "*.jar"))
	if err != nil {
		return err
	}
	return archive(to, func(w *zip.Writer) error {
		seen := map[string]bool{}
		for _, jar := range jars {
			base := filepath.Base(jar)
			if strings.HasPrefix(base, "network-") || strings.HasPrefix(base, "netty-") {
				err = add(w, jar, seen)
			} else {
				err = copied(w, "libs/"+base, jar)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", jar, err)
			}
		}
		return nil
	})
}

// copied adds a file as it is.
func copied(w *zip.Writer, name, file string) error {
	content, err := os.Open(file)
	if err != nil {
		return err
	}
	return errors.Join(entry(w, name, content), content.Close())
}

// add adds the files of an archive that are not there yet.
func add(w *zip.Writer, jar string, seen map[string]bool) error {
	r, err := zip.OpenReader(jar)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, file := range r.File {
		signed := slices.Contains([]string{".SF", ".RSA", ".DSA"}, path.Ext(file.Name))
		if file.Mode()&fs.ModeDir != 0 || seen[file.Name] || signed || path.Base(file.Name) == "module-info.class" {
			continue
		}
		seen[file.Name] = true
		content, err := file.Open()
		if err != nil {
			return err
		}
		if err := errors.Join(entry(w, file.Name, content), content.Close()); err != nil {
			return err
		}
	}
	return nil
}

func archive(name string, fill func(*zip.Writer) error) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	w := zip.NewWriter(file)
	return errors.Join(fill(w), w.Close(), file.Close())
}

func entry(w *zip.Writer, name string, content io.Reader) error {
	to, err := w.Create(name)
	if err == nil {
		_, err = io.Copy(to, content)
	}
	return err
}
