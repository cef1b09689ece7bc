// Package scanner holds what all gates have in common: a gate runs a tool on
// the tree and reads its output. Each gate is a package in a subfolder; package
// gate decides whether its findings pass the policy.
package scanner

import (
	"context"
	"runtime/debug"
	"strings"
	"time"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// Scanner examines a tree with one tool.
type Scanner interface {
	// Name is the name of its gate.
	Name() string
	// Subject describes in a few words what the scanner examines.
	Subject() string
	// Scan examines the tree of the job. It returns an Outcome only if the tool
	// did all its work; any doubt is an *Error that says what went wrong.
	Scan(ctx context.Context, job Job) (Outcome, error)
}

// Toolless is a Scanner without a tool, so none can be missing or broken.
type Toolless interface {
	Scanner
	Toolless()
}

// OwnVersion is the version of the harness, which is the tool of a Toolless.
func OwnVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// Reader is a Scanner that knows which files it reads and understands.
type Reader interface {
	Scanner
	Reads(t tree.Tree) []string
}

// Tool is an installed tool of the pinned version.
type Tool struct {
	Name    string
	Path    string // of the program
	Version string // as the program itself reports it
}

// Job is what one scan works with.
type Job struct {
	Tree    tree.Tree
	Scratch string // an empty folder of its own, removed after the scan
	Image   Image
	// Tool finds a pinned tool. Its error is an *Error.
	Tool func(ctx context.Context, name string) (Tool, error)
	// Run runs a command. Its error is an *Error.
	Run func(ctx context.Context, cmd Command) (Output, error)
	// Databases says where vulnerability databases are. The zero value means the
	// live ones.
	Databases Databases
	ZAP       ZAP
	// Accepted is the files that no gate needs to read; WarnUnread makes others a remark.
	Accepted   []Accepted
	WarnUnread bool
	Rules      Rules
}

// Accepted is files that no gate understands and the policy accepts.
type Accepted struct {
	Kinds  []string `yaml:"kinds"`
	In     []string `yaml:"in"` // files, or folders with a slash at the end; none means everywhere
	Reason string   `yaml:"reason"`
}

// Image is the built image.
type Image struct {
	Tar string // as docker save writes it, "" if there is none
	// Digest is the one by which the pipeline knows the image, and Manifest the file
	// that a registry has under it.
	Digest, Manifest string
	// Pack allows packing an image from the tree, without its base, if none is given.
	Pack bool
	// Prove requires that the image is the one of that digest, and was built from the
	// tree on a base whose packages are known.
	Prove bool
}

// Rules says what the gates are run by, for the gate that examines them.
type Rules struct {
	Policy string // the file
	Pins   string // the folder that pins the tools
	// NeedBase makes it an error if the version on the main branch cannot be read.
	NeedBase bool
}

// Typed returns a command as typed in a shell. $SCRATCH and $TREE stand for the
// folder of the scan and the copy, whose names change with each run.
func (j Job) Typed(cmd Command) string {
	return strings.NewReplacer(j.Scratch, "$SCRATCH", j.Tree.Dir, "$TREE").Replace(cmd.String())
}

// Databases are copies of vulnerability databases for closed networks.
type Databases struct {
	Go    string // URL of a Go vulnerability database
	Trivy string // Trivy's cache folder, used without the network
}

// ZAP is how the gate zap works. The zero value means that it starts ZAP itself, and
// the service of the tree, and scans passively.
type ZAP struct {
	URL    string // of a daemon that runs already
	Key    string // its API key; no report shows it
	Target string // URL of a service that runs already
	Active bool   // whether ZAP attacks the service too
}

// Outcome holds the findings of a tool and the evidence that it checked.
type Outcome struct {
	Tool     string            `json:"tool"`
	Version  string            `json:"version"`
	Database *Database         `json:"database,omitempty"` // nil for tools without one
	Examined Examined          `json:"examined"`
	Commands []string          `json:"commands"`         // as typed in a shell
	Rules    []string          `json:"rules,omitempty"`  // that were applied, for a tool whose rules may be missing
	Unseen   []string          `json:"unseen,omitempty"` // what it did not see, though a reader may think it did
	Notes    []string          `json:"notes,omitempty"`  // what else describes the scan
	Findings []finding.Finding `json:"-"`
}

// Examined is how much a tool examined, by its own count if it gives one.
type Examined struct {
	Count int    `json:"count"`
	Unit  string `json:"unit"` // plural: "files", "packages", "commits"
}

// Database is the vulnerability database that was used.
type Database struct {
	Source string    `json:"source"`
	Date   time.Time `json:"date"` // of its last change
	// Advisories counts its entries by ecosystem. It is nil if they cannot be counted,
	// as in a database that is asked over the network.
	Advisories map[string]int `json:"advisories,omitempty"`
}
