-- +goose Up
SET LOCAL ROLE rates_owner;

CREATE TABLE prices (
    orig_code text COLLATE "C" NOT NULL,
    dest_code text COLLATE "C" NOT NULL,
    day       date NOT NULL CHECK (day BETWEEN '0001-01-01' AND '9999-12-31'),
    price     integer NOT NULL CHECK (price >= 0)
);
GRANT SELECT ON prices TO rates_reader;
GRANT INSERT, UPDATE, DELETE ON prices TO rates_loader;

COMMENT ON TABLE prices IS
    'What single containers cost. Queries read daily_rates, so there is no index here. roll_up_prices and '
    'keep_priced_ports check once per statement that both codes are ports: a foreign key would check every row '
    'and make a load of millions several times slower.';
COMMENT ON COLUMN prices.orig_code IS 'The port of loading.';
COMMENT ON COLUMN prices.dest_code IS 'The port of discharge.';
COMMENT ON COLUMN prices.day IS 'The day the price was valid for.';
COMMENT ON COLUMN prices.price IS 'Whole USD per container.';

RESET ROLE;

-- +goose Down
DROP TABLE prices;
