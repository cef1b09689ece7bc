package azure

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

const (
	serverKind   = "microsoft.dbforpostgresql/flexibleservers"
	serverSuffix = ".postgres.database.azure.com"
)

// databaseRules are those of PostgreSQL, where every change goes on after its answer.
func databaseRules() []rule {
	return []rule{
		{
			name: "Microsoft.DBforPostgreSQL/flexibleServers", status: http.StatusAccepted, refuse: refuseServer,
			compute: func(c *Cloud, t target, d document) {
				p := d.properties()
				if source := c.sourceOf(d); source != nil {
					p["replicationRole"], p["replicaCapacity"] = "AsyncReplica", 0
					p.fallback("version", source.at("properties", "version"))
				}
				p["fullyQualifiedDomainName"], p["state"] = t.name+serverSuffix, "Ready"
				p.fallback("availabilityZone", "1")
				delete(p, "administratorLoginPassword") // Azure never tells it
			},
			answers: map[string]answer{"POST restart": answered(nil)},
		},
		{
			name: "Microsoft.DBforPostgreSQL/flexibleServers/configurations", status: http.StatusAccepted,
			compute: func(_ *Cloud, _ target, d document) {
				p := d.properties()
				p.fallback("defaultValue", "default")
				p["isConfigPendingRestart"] = false
			},
			missing: func(_ *Cloud, t target) document {
				return document{"id": t.id, "name": t.name, "properties": map[string]any{
					"value": "default", "defaultValue": "default", "source": "system-default", "isConfigPendingRestart": false,
				}}
			},
		},
		{name: "Microsoft.DBforPostgreSQL/flexibleServers/databases", status: http.StatusAccepted},
		{
			name: "Microsoft.DBforPostgreSQL/flexibleServers/administrators", status: http.StatusAccepted,
			compute: func(_ *Cloud, t target, d document) { d.properties()["objectId"] = t.name },
		},
	}
}

// sourceOf returns the server that another one follows, nil if it follows none.
func (c *Cloud) sourceOf(server document) document {
	if server.text("properties", "createMode") != "Replica" {
		return nil
	}
	return c.documents[strings.ToLower(server.text("properties", "sourceServerResourceId"))]
}

// refuseServer is what Azure says of replicas: how many, of what, and that the primary
// does not outgrow them.
func refuseServer(c *Cloud, t target, d document) (code, why string) {
	var replicas []document
	source := c.sourceOf(d)
	primary := d
	if source != nil {
		primary = source
		replicas = append(replicas, d)
	}
	c.each(serverKind, func(other document) bool {
		if followed := c.sourceOf(other); followed != nil && followed.text("id") == primary.text("id") && parse(other.text("id")).key() != t.key() {
			replicas = append(replicas, other)
		}
		return false
	})
	most := 5
	if primary.at("properties", "cluster", "clusterSize") != nil {
		most = 1
	}
	switch {
	case d.text("properties", "createMode") == "Replica" && source == nil:
		return "SourceServerNotFound", t.name + " follows no server that is there."
	case len(replicas) == 0:
		return "", ""
	case primary.text("sku", "tier") == "Burstable":
		return "OperationNotSupported", "A burstable server has no read replicas."
	case len(replicas) > most:
		return "ReplicaLimitReached", fmt.Sprintf("A server like %s has at most %d read replicas.", primary.text("name"), most)
	case source == nil && d.text("properties", "version") != c.documents[t.key()].text("properties", "version"):
		return "MajorVersionUpgradeNotAllowed", "A server with read replicas is not upgraded."
	}
	for _, replica := range replicas {
		if mode := replica.text("properties", "highAvailability", "mode"); mode != "" && mode != "Disabled" {
			return "OperationNotSupported", "A read replica has no standby."
		}
		if storage(replica) < storage(primary) || cores(replica) < cores(primary) {
			return "ReplicaTooSmall", primary.text("name") + " is larger than a read replica."
		}
	}
	return "", ""
}

func storage(server document) int { return server.number(0, "properties", "storage", "storageSizeGB") }

// coresOf is the number of cores in the name of a size, such as Standard_D2ds_v5.
var coresOf = regexp.MustCompile(`^Standard_[A-Z]+([0-9]+)`)

func cores(server document) int {
	found := coresOf.FindStringSubmatch(server.text("sku", "name"))
	if found == nil {
		return 0
	}
	n, _ := strconv.Atoi(found[1]) // digits
	return n
}
