package azure

import (
	"crypto/rand"
	"encoding/xml"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// blob is a state, with the lease that locks it.
type blob struct {
	data     []byte
	metadata http.Header
	lease    string
}

// serveBlob answers as the storage of states does, in the containers that are there.
func (c *Cloud) serveBlob(w http.ResponseWriter, r *http.Request, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	account := strings.TrimSuffix(r.Host, blobSuffix)
	container, name, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	component := r.URL.Query().Get("comp")
	c.evidence.requests[r.Method+" blob "+component]++
	w.Header().Set("X-Ms-Version", r.Header.Get("X-Ms-Version"))
	if !c.hasContainer(account, container) {
		refuseBlob(w, http.StatusNotFound, "ContainerNotFound")
		return
	}
	key := account + "/" + container + "/" + name
	b := c.blobs[key]
	switch {
	case r.Method == http.MethodGet && component == "list":
		w.Header().Set("Content-Type", "application/xml")
		_, _ = w.Write([]byte(xml.Header + "<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>")) // the client sees half an answer
	case r.Method == http.MethodPut && component == "" && (b == nil || b.admits(r)):
		if b == nil {
			b = &blob{}
			c.blobs[key] = b
		}
		b.data, b.metadata = body, metadata(r)
		w.WriteHeader(http.StatusCreated)
	case b == nil:
		refuseBlob(w, http.StatusNotFound, "BlobNotFound")
	case r.Method == http.MethodPut && component == "lease":
		b.changeLease(w, r)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		b.read(w)
	case !b.admits(r):
		refuseBlob(w, http.StatusPreconditionFailed, "LeaseIdMissing")
	case r.Method == http.MethodPut && component == "metadata":
		b.metadata = metadata(r)
	case r.Method == http.MethodDelete:
		delete(c.blobs, key)
		w.WriteHeader(http.StatusAccepted)
	default:
		c.unknown(w, r)
	}
}

func (c *Cloud) hasContainer(account, container string) (found bool) {
	c.each(accountKind+"/blobservices/containers", func(d document) bool {
		found = strings.HasSuffix(strings.ToLower(d.text("id")), "/"+account+"/blobservices/default/containers/"+container)
		return found
	})
	return found
}

// admits reports whether a request may change the blob: nobody holds it, or the one
// who asks.
func (b *blob) admits(r *http.Request) bool {
	return b.lease == "" || r.Header.Get("X-Ms-Lease-Id") == b.lease
}

func (b *blob) changeLease(w http.ResponseWriter, r *http.Request) {
	switch action := r.Header.Get("X-Ms-Lease-Action"); {
	case action == "acquire" && b.lease != "":
		refuseBlob(w, http.StatusConflict, "LeaseAlreadyPresent")
	case action == "acquire":
		b.lease = r.Header.Get("X-Ms-Proposed-Lease-Id")
		if b.lease == "" {
			b.lease = uuid(rand.Text())
		}
		w.Header().Set("X-Ms-Lease-Id", b.lease)
		w.WriteHeader(http.StatusCreated)
	case action == "release" && b.admits(r):
		b.lease = ""
	case action == "break":
		b.lease = ""
		w.WriteHeader(http.StatusAccepted)
	default:
		refuseBlob(w, http.StatusConflict, "LeaseIdMismatchWithLeaseOperation")
	}
}

func (b *blob) read(w http.ResponseWriter) {
	maps.Copy(w.Header(), b.metadata)
	status := "unlocked"
	if b.lease != "" {
		status = "locked"
	}
	w.Header().Set("X-Ms-Lease-Status", status)
	w.Header().Set("X-Ms-Blob-Type", "BlockBlob")
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b.data)))
	_, _ = w.Write(b.data) // the client sees half an answer
}

func metadata(r *http.Request) http.Header {
	kept := http.Header{}
	for name, values := range r.Header {
		if strings.HasPrefix(name, "X-Ms-Meta-") {
			kept[name] = values
		}
	}
	return kept
}

func refuseBlob(w http.ResponseWriter, status int, code string) {
	w.Header().Set("X-Ms-Error-Code", code)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(xml.Header + "<Error><Code>" + code + "</Code><Message>" + code + "</Message></Error>")) // the client sees half an answer
}
