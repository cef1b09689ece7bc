// Package store looks ports up.
package store
