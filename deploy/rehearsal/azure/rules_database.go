package azure

import "net/http"

const (
	serverKind   = "microsoft.dbforpostgresql/flexibleservers"
	serverSuffix = ".postgres.database.azure.com"
)

// databaseRules are those of PostgreSQL, where every change goes on after its answer.
func databaseRules() []rule {
	return []rule{
		{
			name: "Microsoft.DBforPostgreSQL/flexibleServers", status: http.StatusAccepted,
			compute: func(_ *Cloud, t target, d document) {
				p := d.properties()
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
