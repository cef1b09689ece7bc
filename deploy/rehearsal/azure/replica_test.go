package azure

import (
	"fmt"
	"net/http"
	"testing"
)

const serversOf = groupID + "/providers/Microsoft.DBforPostgreSQL/flexibleServers/"

// serverLike returns the document of a server.
func serverLike(tier, size, more string) string {
	return fmt.Sprintf(`{"location":"westeurope","sku":{"tier":%q,"name":%q},"properties":{"version":"18","storage":{"storageSizeGB":128}%s}}`, tier, size, more)
}

func replicaLike(tier, size, more string) string {
	return serverLike(tier, size, `,"createMode":"Replica","sourceServerResourceId":"`+serversOf+`primary"`+more)
}

// Azure says no to replicas that it does not support.
func TestReplicasAreLikeAzures(t *testing.T) {
	const generalPurpose, small, large = "GeneralPurpose", "Standard_D2ds_v5", "Standard_D16ds_v5"
	cluster := serverLike(generalPurpose, small, `,"cluster":{"clusterSize":3}`)
	for name, c := range map[string]struct {
		primary  string
		replicas int
		more     string // of the last replica
		size     string
		code     string
	}{
		"five":                      {serverLike(generalPurpose, small, ""), 5, "", small, ""},
		"larger ones":               {serverLike(generalPurpose, small, ""), 1, "", large, ""},
		"six":                       {serverLike(generalPurpose, small, ""), 6, "", small, "ReplicaLimitReached"},
		"one of a cluster":          {cluster, 1, "", small, ""},
		"two of a cluster":          {cluster, 2, "", small, "ReplicaLimitReached"},
		"one of a burstable server": {serverLike("Burstable", "Standard_B2s", ""), 1, "", small, "OperationNotSupported"},
		"one with a standby":        {serverLike(generalPurpose, small, ""), 1, `,"highAvailability":{"mode":"ZoneRedundant"}`, small, "OperationNotSupported"},
		"one without":               {serverLike(generalPurpose, small, ""), 1, `,"highAvailability":{"mode":"Disabled"}`, small, ""},
		"a smaller one":             {serverLike(generalPurpose, large, ""), 1, "", small, "ReplicaTooSmall"},
		"one with less storage":     {serverLike(generalPurpose, small, ""), 1, `,"storage":{"storageSizeGB":64}`, small, "ReplicaTooSmall"},
		"one of nothing":            {"", 1, "", small, "InvalidResourceReference"},
	} {
		t.Run(name, func(t *testing.T) {
			caller := newCaller(t)
			caller.put(groupID, "{}")
			if c.primary != "" {
				caller.put(serversOf+"primary", c.primary)
			}
			for i := range c.replicas {
				body := replicaLike(generalPurpose, c.size, "")
				if i == c.replicas-1 {
					body = replicaLike(generalPurpose, c.size, c.more)
				}
				status, said := caller.arm(http.MethodPut, fmt.Sprintf("%sreplica-%d", serversOf, i), body)
				if last := i == c.replicas-1; !last && status != http.StatusAccepted || last && said.text("error", "code") != c.code {
					t.Errorf("replica %d: %d %v, want the code %q", i, status, said, c.code)
				}
			}
		})
	}
}

// A primary does not outgrow its replicas, is not upgraded while it has any, and goes
// after them.
func TestAPrimaryWaitsForItsReplicas(t *testing.T) {
	c := newCaller(t)
	c.put(groupID, "{}")
	c.put(serversOf+"primary", serverLike("GeneralPurpose", "Standard_D2ds_v5", ""))
	c.put(serversOf+"replica", replicaLike("GeneralPurpose", "Standard_D2ds_v5", ""))
	changes := map[string]string{
		"ReplicaTooSmall":               `{"sku":{"tier":"GeneralPurpose","name":"Standard_D4ds_v5"}}`,
		"MajorVersionUpgradeNotAllowed": `{"properties":{"version":"19"}}`,
	}
	for code, change := range changes {
		if _, said := c.arm(http.MethodPatch, serversOf+"primary", change); said.text("error", "code") != code {
			t.Errorf("%s: %v, want %s", change, said, code)
		}
	}
	if got := c.cloud.get(serversOf + "primary"); got.text("sku", "name") != "Standard_D2ds_v5" || got.text("properties", "version") != "18" {
		t.Errorf("the primary has what was refused: %v", got)
	}
	if got := c.cloud.get(serversOf + "replica"); got.text("properties", "replicationRole") != "AsyncReplica" {
		t.Errorf("the replica is %v", got)
	}
	if status, _ := c.arm(http.MethodDelete, serversOf+"primary", ""); status != http.StatusConflict {
		t.Errorf("the primary goes before its replica: %d", status)
	}
	c.wantFault("replica still uses it")
	c.arm(http.MethodDelete, serversOf+"replica", "")
	for code, change := range changes {
		if status, said := c.arm(http.MethodPatch, serversOf+"primary", change); status != http.StatusAccepted {
			t.Errorf("%s without replicas: %d %v, want it done, not %s", change, status, said, code)
		}
	}
}
