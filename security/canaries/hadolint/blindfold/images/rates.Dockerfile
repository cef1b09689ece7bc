FROM debian:latest
RUN cd /srv && date > built
COPY rates /srv/rates
USER root
CMD ["/srv/rates"]
