psql "host=db user=rates password=AKIA_MADE_BY_THE_SELFTEST"
docker login \
  -u ci -p AKIA_MADE_BY_THE_SELFTEST registry.example.com
