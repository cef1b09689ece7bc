package azure

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Every host that a deployment asks leads to the cloud, with a certificate of its
// name; any other is refused and named.
func TestProxy(t *testing.T) {
	cloud := New(t.Context(), func(line string) { t.Log(line) })
	ca, err := NewAuthority()
	check(t, err)
	proxy, err := NewProxy(cloud, ca)
	check(t, err)
	t.Cleanup(func() { check(t, proxy.Close()) })
	through, err := url.Parse(proxy.URL())
	check(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.PEM())
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(through), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	t.Cleanup(client.CloseIdleConnections)

	for host, want := range map[string]int{
		entraHost: http.StatusNotFound, armHost: http.StatusUnauthorized, "st.blob.core.windows.net": http.StatusUnauthorized, "kv.vault.azure.net": http.StatusForbidden,
	} {
		response, err := client.Get("https://" + host + "/")
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		_ = response.Body.Close() // its status says it all
		if response.StatusCode != want {
			t.Errorf("%s: %s, want %d", host, response.Status, want)
		}
	}
	cloud.Faults()
	for _, address := range []string{"https://registry.terraform.io/", "https://management.azure.com.example.org/", "https://evil-vault.azure.net/", "https://management.azure.com:8443/"} {
		response, err := client.Get(address)
		if err == nil {
			_ = response.Body.Close() // it should not be there
			t.Errorf("%s is answered: %s", address, response.Status)
		}
	}
	faults := strings.Join(cloud.Faults(), "\n")
	for _, host := range []string{"registry.terraform.io:443", "management.azure.com.example.org:443", "evil-vault.azure.net:443", "management.azure.com:8443"} {
		if !strings.Contains(faults, "asked for "+host) {
			t.Errorf("faults are %q, want %s", faults, host)
		}
	}
}
