package scanner

// All returns the scanners of all gates, in the order in which they start: the
// slow ones first, so that none is waited for alone at the end. A new gate is
// one more entry here.
func All() []Scanner {
	return []Scanner{
		TerraformTest{},
		Gosec{},
		Checkov{},
		TerraformCompliance{},
		Govulncheck{},
		Trivy{},
		TrivyImage{},
		Gitleaks{},
		Actionlint{},
		Hadolint{},
		Tflint{},
		Tfsec{},
		Zizmor{},
		Suppressions{},
	}
}
