package subject

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.com/rates/bench/process"
)

// Checkout is the repository; the commands run in its folder bench.
const Checkout = ".."

// Lab is the setting of a run: a folder, the program, a database server and the
// servers that are measured.
type Lab struct {
	Folder  string
	Meter   *process.Meter // nil where there is no /proc
	Program Program
	Cluster *Cluster

	servers []*Server
}

// NewLab builds the program and starts a database server. The meter may be nil.
func NewLab(ctx context.Context, meter *process.Meter) (_ *Lab, err error) {
	l := &Lab{Meter: meter}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close(ctx))
		}
	}()
	if l.Folder, err = os.MkdirTemp("", "rates-bench-"); err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	if l.Program, err = Build(ctx, Checkout, l.Folder); err != nil {
		return nil, err
	}
	l.Cluster, err = StartCluster(ctx, meter)
	return l, err
}

// Seeded is the name of the database that Seed makes.
const Seeded = "rates"

// Seed makes a database with the data of db/rates.sql.
func (l *Lab) Seed(ctx context.Context) (Database, error) {
	db, err := l.Cluster.CreateMigrated(ctx, l.Program, Seeded)
	if err != nil {
		return db, err
	}
	if err := l.Program.Import(ctx, db.Owner, filepath.Join(Checkout, "db", "rates.sql")); err != nil {
		return db, err
	}
	// A checkpoint of the import is no part of an answer.
	return db, l.Cluster.Exec(ctx, "CHECKPOINT")
}

// Keep stops a server with the lab. It takes and returns the results of the call
// that started the server.
func (l *Lab) Keep(server *Server, err error) (*Server, error) {
	if err == nil {
		l.servers = append(l.servers, server)
	}
	return server, err
}

// Servers returns the servers kept, in the order of their start.
func (l *Lab) Servers() []*Server { return l.servers }

// Close stops and removes everything, even after the end of ctx.
func (l *Lab) Close(ctx context.Context) error {
	for _, server := range l.servers {
		server.Stop()
	}
	var err error
	if l.Cluster != nil {
		err = l.Cluster.Close(ctx)
	}
	return errors.Join(err, os.RemoveAll(l.Folder))
}
