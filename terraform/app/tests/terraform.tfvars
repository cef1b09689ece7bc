# Values that every test needs and none is about.
name_suffix       = "acme1"
owner             = "platform@example.com"
alert_contacts    = ["oncall@example.com"]
migrations_digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"

database_groups = {
  administrators = { name = "rates database administrators", object_id = "00000000-0000-0000-0000-0000000000e1" }
  loaders        = { name = "rates database loaders", object_id = "00000000-0000-0000-0000-0000000000e2" }
  readers        = { name = "rates database readers", object_id = "00000000-0000-0000-0000-0000000000e3" }
}
