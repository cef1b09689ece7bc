# Survives the loss of a zone and, with its backups, of a region. Everything that
# holds data is locked.
environment   = "prod"
address_space = "10.30.0.0/22"
locked        = true
seed          = false

public_ingress = true
zone_redundant = true
min_replicas   = 3
max_replicas   = 20

database_sku                  = "GP_Standard_D2ds_v5"
database_storage_mb           = 131072
database_high_availability    = "ZoneRedundant"
database_backup_days          = 35
database_geo_redundant_backup = true

log_retention_days = 365
log_daily_gb       = -1
