package azure

import "strings"

func networkRules() []rule {
	tagged := func(_ *Cloud, _ target, d document) { d["etag"] = "W/1" }
	return []rule{
		{name: "Microsoft.Network/virtualNetworks", compute: keepSubnets, view: withSubnets},
		{name: "Microsoft.Network/virtualNetworks/subnets", compute: tagged},
		{name: "Microsoft.Network/networkSecurityGroups", compute: tagged},
		{name: "Microsoft.Network/networkInterfaces", missing: interfaceOf},
		{name: "Microsoft.Network/privateEndpoints", compute: connectEndpoint},
		{name: "Microsoft.Network/privateEndpoints/privateDnsZoneGroups", compute: nameParts("privateDnsZoneConfigs")},
		{name: "Microsoft.Network/privateDnsZones", compute: startOfZone},
		{name: "Microsoft.Network/privateDnsZones/SOA"},
		{name: "Microsoft.Network/privateDnsZones/virtualNetworkLinks"},
		{
			name: "Microsoft.Network/privateDnsZones/A",
			compute: func(_ *Cloud, t target, d document) {
				d.properties()["fqdn"] = t.name + "." + t.parent + "."
			},
		},
	}
}

// keepSubnets makes the subnets of a network documents of their own, which is what
// they are for everybody else.
func keepSubnets(c *Cloud, t target, d document) {
	p := d.properties()
	for _, subnet := range p.objects("subnets") {
		id := t.id + "/subnets/" + subnet.text("name")
		if c.documents[strings.ToLower(id)] == nil {
			subnet["id"] = id
			c.documents[strings.ToLower(id)] = subnet
		}
	}
	delete(p, "subnets")
	d["etag"], p["resourceGuid"] = "W/1", uuid(t.key())
}

func withSubnets(c *Cloud, t target, d document) document {
	shown := d.clone()
	shown.properties()["subnets"] = c.list(t.key() + "/subnets")
	return shown
}

// nameParts gives the parts of a document ids.
func nameParts(list string) func(*Cloud, target, document) {
	return func(_ *Cloud, t target, d document) {
		for _, part := range d.properties().objects(list) {
			part["id"] = t.id + "/" + list + "/" + part.text("name")
		}
	}
}

const endpointAddress = "10.20.3.4"

const interfaceSuffix = ".nic"

// connectEndpoint gives a private endpoint an address.
func connectEndpoint(c *Cloud, t target, d document) {
	nic := strings.Replace(t.id, "privateEndpoints/"+t.name, "networkInterfaces/"+t.name+interfaceSuffix, 1)
	p := d.properties()
	p["networkInterfaces"] = []any{map[string]any{"id": nic}}
	p["customDnsConfigs"] = []any{map[string]any{"fqdn": t.name + ".rehearsal", "ipAddresses": []any{endpointAddress}}}
	nameParts("privateLinkServiceConnections")(c, t, d)
}

// interfaceOf is the interface of a private endpoint, which comes and goes with it.
func interfaceOf(c *Cloud, t target) document {
	endpoint := strings.Replace(strings.TrimSuffix(t.key(), interfaceSuffix), "networkinterfaces", "privateendpoints", 1)
	if c.documents[endpoint] == nil {
		return nil
	}
	return document{"id": t.id, "name": t.name, "properties": map[string]any{
		"ipConfigurations": []any{map[string]any{"name": "ip", "properties": map[string]any{"privateIPAddress": endpointAddress}}},
	}}
}

// startOfZone adds the record that each zone begins with.
func startOfZone(c *Cloud, t target, d document) {
	p := d.properties()
	p["numberOfRecordSets"], p["maxNumberOfRecordSets"] = 1, 25000
	p["maxNumberOfVirtualNetworkLinks"], p["maxNumberOfVirtualNetworkLinksWithRegistration"] = 1000, 100
	id := t.id + "/SOA/@"
	c.documents[strings.ToLower(id)] = document{"id": id, "name": "@", "properties": map[string]any{
		"fqdn": t.name + ".", "ttl": 3600, "soaRecord": map[string]any{
			"email": "azureprivatedns-host.microsoft.com", "host": "azureprivatedns.net", "serialNumber": 1,
			"expireTime": 2419200, "minimumTtl": 10, "refreshTime": 3600, "retryTime": 300,
		},
	}}
}
