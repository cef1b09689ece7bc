# Small, cheap and disposable: one zone, no standby, one week of backups.
environment   = "dev"
address_space = "10.20.0.0/22"
locked        = false
seed          = true

public_ingress = true
zone_redundant = false
min_replicas   = 0
max_replicas   = 2

database_sku                  = "B_Standard_B2s"
database_storage_mb           = 32768
database_high_availability    = null
database_backup_days          = 7
database_geo_redundant_backup = false

log_retention_days = 30
log_daily_gb       = 1
