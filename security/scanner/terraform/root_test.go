package terraform

import (
	"strings"
	"testing"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

func TestParseValidation(t *testing.T) {
	valid, invalid := scannertest.Read(t, "terraform-test/clean/validate.stdout"), scannertest.Read(t, "terraform-test/broken/validate.stdout")
	if err := parseValidation(scanner.Output{Stdout: valid}, "terraform/store"); err != nil {
		t.Error(err)
	}
	err := parseValidation(scanner.Output{Stdout: invalid, Exit: 1}, "terraform/store")
	scannertest.WantKind(t, err, scanner.BadInput)
	if err == nil || !strings.Contains(err.Error(), "terraform/store/main.tf:1: Invalid block definition: ") {
		t.Errorf("error %v, want the place and what is wrong", err)
	}
	for _, cut := range scannertest.Cuts(valid, 200) {
		if parseValidation(scanner.Output{Stdout: valid[:cut]}, "terraform/store") == nil {
			t.Fatalf("no error when cut off after %d bytes", cut)
		}
	}
}

func FuzzParseValidation(f *testing.F) {
	f.Add(scannertest.Read(f, "terraform-test/clean/validate.stdout"), 0)
	f.Add(scannertest.Read(f, "terraform-test/broken/validate.stdout"), 1)
	f.Fuzz(func(t *testing.T, stdout []byte, exit int) {
		if err := parseValidation(scanner.Output{Stdout: stdout, Exit: exit}, "root"); err == nil && exit != 0 {
			t.Errorf("code %d was accepted as valid", exit)
		}
	})
}
