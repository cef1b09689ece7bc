package tftest

import "testing"

func TestOnlyAClosedRegistryIsAReasonToBuildTheProvider(t *testing.T) {
	for answer, want := range map[string]bool{
		"Error: Failed to query available provider packages\n\nhashicorp/azurerm: could not connect to\nregistry.terraform.io: failed to request": true,
		"Get \"https://releases.hashicorp.com/x\": dial tcp: lookup releases.hashicorp.com: no such host":                                         true,
		"Error: Failed to query available provider packages\n\nno available releases match the given constraints ~> 6.0":                          false,
		"Error: Unsupported block type": false,
	} {
		if got := RegistryClosed([]byte(answer)); got != want {
			t.Errorf("RegistryClosed(%q) = %v, want %v", answer, got, want)
		}
	}
}
