package azure

import (
	"encoding/json"
	"fmt"
	"strings"
)

const (
	registryKind   = "microsoft.containerregistry/registries"
	registrySuffix = ".azurecr.io"
	accountKind    = "microsoft.storage/storageaccounts"
)

func storeRules() []rule {
	available := answered(map[string]any{"nameAvailable": true})
	always := func(_ *Cloud, t target) document {
		return document{"id": t.id, "name": t.name, "properties": map[string]any{}}
	}
	return []rule{
		{
			name: "Microsoft.ContainerRegistry/registries",
			compute: func(_ *Cloud, t target, d document) {
				p := d.properties()
				p["loginServer"] = t.name + registrySuffix
				p["dataEndpointHostNames"] = []any{t.name + "." + d.text("location") + ".data" + registrySuffix}
			},
			answers: map[string]answer{"POST importimage": importImage},
		},
		{name: "Microsoft.ContainerRegistry/registries/replications"},
		{name: "Microsoft.ContainerRegistry", answers: map[string]answer{"POST checknameavailability": available}},
		{
			name: "Microsoft.KeyVault/vaults",
			compute: func(_ *Cloud, t target, d document) {
				d.properties()["vaultUri"] = "https://" + t.name + vaultSuffix + "/"
			},
		},
		{name: "Microsoft.KeyVault/locations/deletedVaults"},
		{name: "Microsoft.KeyVault", answers: map[string]answer{"POST checknameavailability": available}},
		{name: "Microsoft.Storage/storageAccounts", compute: addressesOfAccount, answers: map[string]answer{"POST listkeys": keysOfAccount}},
		{name: "Microsoft.Storage/storageAccounts/blobServices", missing: always},
		{name: "Microsoft.Storage/storageAccounts/fileServices", missing: always},
		{name: "Microsoft.Storage/storageAccounts/queueServices", missing: always},
		{name: "Microsoft.Storage/storageAccounts/blobServices/containers"},
		{name: "Microsoft.Storage", answers: map[string]answer{"POST checknameavailability": available}},
	}
}

func addressesOfAccount(_ *Cloud, t target, d document) {
	addresses := map[string]any{}
	for _, service := range []string{"blob", "file", "queue", "table", "dfs", "web"} {
		addresses[service] = fmt.Sprintf("https://%s.%s.core.windows.net/", t.name, service)
	}
	p := d.properties()
	p["primaryEndpoints"], p["primaryLocation"], p["statusOfPrimary"] = addresses, d["location"], "available"
	p.fallback("accessTier", "Hot")
	d.object("sku").fallback("tier", "Standard")
}

// importImage notes that a registry has an image.
func importImage(c *Cloud, r request) (any, error) {
	var said struct {
		Source struct{ SourceImage string }
	}
	if err := json.Unmarshal(r.body, &said); err != nil {
		return nil, fmt.Errorf("read the image to import: %w", err)
	}
	registry := c.documents[r.key()]
	if registry == nil {
		return nil, fmt.Errorf("there is no registry %s", r.name)
	}
	// The program is what a digest stands for, so the rest of the name is not kept.
	_, digest, ok := strings.Cut(said.Source.SourceImage, "@")
	if !ok {
		return nil, fmt.Errorf("import %s by its digest", said.Source.SourceImage)
	}
	registry.object(own, "imported")[digest] = true
	return nil, nil
}

// keysOfAccount are told although the account accepts none.
func keysOfAccount(*Cloud, request) (any, error) {
	return map[string]any{"keys": []any{map[string]any{"keyName": "key1", "value": "a2V5", "permissions": "FULL"}}}, nil
}
