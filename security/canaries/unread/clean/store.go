// Package store is read by gosec.
package store
