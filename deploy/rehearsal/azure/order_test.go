package azure

import (
	"net/http"
	"strings"
	"testing"
)

// A lock forbids to delete its scope, what that belongs to, what belongs to it, and
// what extends any of these. Nothing beside it.
func TestLocksAreInherited(t *testing.T) {
	const (
		account   = groupID + "/providers/Microsoft.Storage/storageAccounts/st"
		container = account + "/blobServices/default/containers/dev"
		lock      = account + "/providers/Microsoft.Authorization/locks/l"
		setting   = "/providers/Microsoft.Insights/diagnosticSettings/d"
		role      = "/providers/Microsoft.Authorization/roleAssignments/r"
		beside    = groupID + "/providers/Microsoft.Storage/storageAccounts/st2"
	)
	for id, locked := range map[string]bool{
		account: true, container: true, groupID: true, account + setting: true, account + "/blobServices/default" + setting: true,
		account + role: true, container + role: true,
		beside: false, beside + setting: false, groupID + role: false, identityID: false, lock: false,
	} {
		c := newCaller(t)
		for _, put := range []string{groupID, account, container, beside, identityID, account + setting, account + "/blobServices/default" + setting, account + role, container + role, beside + setting, groupID + role} {
			c.put(put, "{}")
		}
		c.put(lock, `{"properties":{"level":"CanNotDelete"}}`)
		status, said := c.arm(http.MethodDelete, id, "")
		if got := status == http.StatusConflict && said.text("error", "code") == "ScopeLocked"; got != locked {
			t.Errorf("DELETE %s: %d %v, want locked %v", id, status, said, locked)
		}
		if c.arm(http.MethodDelete, lock, ""); locked {
			if status, _ := c.arm(http.MethodDelete, id, ""); status >= http.StatusBadRequest {
				t.Errorf("DELETE %s after the lock was lifted: %d", id, status)
			}
		}
		c.wantNoFault()
	}
}

func TestWhatIsUsedStays(t *testing.T) {
	const alert, group = groupID + "/providers/Microsoft.Insights/metricAlerts/a", groupID + "/providers/Microsoft.Insights/actionGroups/g"
	c := newCaller(t)
	c.put(groupID, "{}")
	if status, _ := c.arm(http.MethodPut, alert, `{"properties":{"actions":[{"actionGroupId":"`+group+`"}]}}`); status != http.StatusBadRequest {
		t.Errorf("a document that mentions one that is not there: %d", status)
	}
	c.wantFault("not there")
	c.put(group, "{}")
	c.put(alert, `{"properties":{"actions":[{"actionGroupId":"`+strings.ToUpper(group[:15])+group[15:]+`"}]}}`)
	if status, said := c.arm(http.MethodDelete, group, ""); status != http.StatusConflict {
		t.Errorf("DELETE of what is used: %d %v", status, said)
	}
	c.wantFault("metricalerts/a still uses it")
	c.arm(http.MethodDelete, alert, "")
	if status, _ := c.arm(http.MethodDelete, group, ""); status != http.StatusOK {
		t.Errorf("DELETE of what was used: %d", status)
	}
	c.wantNoFault()
}
