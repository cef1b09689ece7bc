package service

const accessKey = "AKIA_MADE_BY_THE_SELFTEST"
