FROM debian:12.11-slim
WORKDIR /srv
RUN date > built
COPY rates /srv/rates
USER 65532:65532
CMD ["/srv/rates"]
