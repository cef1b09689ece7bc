package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"path"
	"strings"

	"example.com/rates/service/chart"
)

//go:embed assets
var assetFiles embed.FS

// Asset is a file that pages load. Its path has a hash of its content, so that it
// never changes.
type Asset struct {
	Path      string // for example "/assets/page.0123456789abcdef.css"
	MediaType string
	Body      []byte
}

var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// assets holds all assets by the name of their file.
var assets = readAssets()

func readAssets() map[string]Asset {
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic(err) // they are part of the program
	}
	all := map[string]Asset{}
	for _, entry := range entries {
		name := entry.Name()
		body, err := assetFiles.ReadFile("assets/" + name)
		if err != nil {
			panic(err)
		}
		extension := path.Ext(name)
		if name == "page.css" {
			body = append([]byte(chart.CSS), body...)
		}
		sum := sha256.Sum256(body)
		const enough = 8
		all[name] = Asset{
			Path:      "/assets/" + strings.TrimSuffix(name, extension) + "." + hex.EncodeToString(sum[:enough]) + extension,
			MediaType: mediaTypes[extension], Body: body,
		}
	}
	return all
}

// Assets returns the files that pages load.
func Assets() []Asset {
	var list []Asset
	for _, asset := range assets {
		list = append(list, asset)
	}
	return list
}

// assetURL returns the path of an asset by the name of its file.
func assetURL(name string) string { return assets[name].Path }
