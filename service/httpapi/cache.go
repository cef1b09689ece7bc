package httpapi

import (
	"strings"

	"example.com/rates/service/cache"
	"example.com/rates/service/rates"
)

// Cache keeps encoded answers to questions.
type Cache = cache.Cache[cacheKey, *answer]

// NewCache returns a cache that takes at most maxBytes of memory, at least 1.
func NewCache(maxBytes uint64) (*Cache, error) { return cache.New(maxBytes, weigh) }

// cacheKey is a question and the form of its answer.
type cacheKey struct {
	query  rates.Query // about the first lane
	form   *representation
	others string // the other lanes
	site   string // the address that a page shows
}

// clone returns a key that does not keep the URL of a request in memory.
func (k cacheKey) clone() cacheKey {
	k.query.Origin = rates.Place(strings.Clone(string(k.query.Origin)))
	k.query.Destination = rates.Place(strings.Clone(string(k.query.Destination)))
	k.site = strings.Clone(k.site)
	return k
}

// weigh returns how much memory a key and its answer take. What they take
// besides the bodies is an estimate, which TestCacheKeepsToItsMemory checks.
func weigh(key cacheKey, a *answer) int {
	const headersAndKey, headersCompressed = 384, 192
	weight := cap(a.plain.body) + len(key.others) + len(key.site) + headersAndKey
	if compressed := a.compressed.Load(); compressed != nil {
		weight += cap(compressed.body) + headersCompressed
	}
	return weight
}
