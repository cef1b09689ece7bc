package subject

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"example.com/rates/bench/process"
	"example.com/rates/db/embedded"
)

// Replica is a server that follows a Cluster and has the same databases. It ends with
// the cluster.
type Replica struct {
	server *embedded.Server

	Postmaster int // id of the server's first process; 0 if unknown
}

// Follow starts a replica. It needs pg_basebackup. The meter may be nil.
func (c *Cluster) Follow(ctx context.Context, meter *process.Meter) (*Replica, error) {
	server, err := embedded.Start(ctx, embedded.Config{Durable: true, Follow: c.server})
	if err != nil {
		return nil, fmt.Errorf("start a replica: %w", err)
	}
	c.replicas = append(c.replicas, server)
	conn, err := pgx.Connect(ctx, server.URL("postgres"))
	if err != nil {
		return nil, fmt.Errorf("connect to the replica: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it is idle
	r := &Replica{server: server}
	r.Postmaster, err = postmaster(ctx, conn, meter)
	return r, err
}

// Database returns a database of the cluster as the replica has it.
func (r *Replica) Database(name string) (Database, error) { return on(r.server, name) }
