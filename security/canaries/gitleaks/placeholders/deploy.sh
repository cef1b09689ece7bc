psql "host=db user=rates password=$PASSWORD"
docker login -u ci --password-stdin registry.example.com <token
