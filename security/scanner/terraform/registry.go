package tftest

import "bytes"

// RegistryClosed reports whether terraform init failed because no connection to
// the registry came about, and for no other reason. Terraform breaks its lines
// anywhere.
func RegistryClosed(answer []byte) bool {
	said := bytes.Join(bytes.Fields(answer), []byte(" "))
	for _, reason := range []string{"could not connect to registry.terraform.io", "dial tcp", "proxyconnect tcp", "Client.Timeout exceeded"} {
		if bytes.Contains(said, []byte(reason)) {
			return true
		}
	}
	return false
}
