package azure

import (
	"flag"
	"testing"
)

var rehearse = flag.Bool("rehearse", false, "apply terraform/ to the stand-in of Azure; it takes minutes and needs the built provider")

func TestDeployment(t *testing.T) {
	if !*rehearse {
		t.Skip("SKIP: make rehearse-azure runs it")
	}
	w := newWorld(t)
	t.Cleanup(func() {
		t.Log("\n" + w.cloud.Evidence())
		for _, fault := range w.cloud.Faults() {
			t.Error(fault)
		}
	})
	bootstrap := stack{world: w, folder: "bootstrap", data: "bootstrap", vars: []string{"-var-file=bootstrap.tfvars"}}
	t.Run("bootstrap", func(t *testing.T) {
		w.write(t, "repository/terraform/bootstrap/bootstrap.tfvars", w.read(t, "repository/terraform/bootstrap/example.tfvars"))
		w.write(t, "repository/terraform/bootstrap/first_override.tf", "terraform {\n  backend \"local\" {}\n}\n")
		bootstrap.must(t, "init", "-input=false", "-no-color")
		bootstrap.apply(t)
		bootstrap.unchanged(t)
	})
}
