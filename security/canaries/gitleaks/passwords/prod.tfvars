database_url = "postgres://rates:p%40AKIA_MADE_BY_THE_SELFTEST@db.example.com/rates"
