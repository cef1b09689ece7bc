package main

const dsn = "host=db user=rates password=hunter2"
