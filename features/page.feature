@browser
Feature: A page to look at prices
  An analyst would rather look at prices than read them. In a browser the address of
  a question is the address of its chart. Scenarios with the tag "browser" run in a
  real one, which also reports what the page's own policy forbids and every request
  to another server; either fails the scenario.

  Background:
    Given these regions:
      | slug              | name              | parent_slug     |
      | china             | China             |                 |
      | pearl_river_delta | Pearl River Delta | china           |
      | yangtze_delta     | Yangtze Delta     | china           |
      | northern_europe   | Northern Europe   |                 |
      | baltic_states     | Baltic States     | northern_europe |
      | scandinavia       | Scandinavia       | northern_europe |
    And these ports:
      | code  | name      | parent_slug       |
      | CNGGZ | Guangzhou | pearl_river_delta |
      | CNSZX | Shenzhen  | pearl_river_delta |
      | CNSGH | Shanghai  | yangtze_delta     |
      | EETLL | Tallinn   | baltic_states     |
      | NOOSL | Oslo      | scandinavia       |
    And prices of these lanes, a number each day, around a price:
      | orig_code | dest_code | from       | to         | count | price |
      | CNGGZ     | EETLL     | 2020-12-15 | 2021-01-20 | 3     | 1200  |
      | CNGGZ     | EETLL     | 2021-01-21 | 2021-01-21 | 2     | 1250  |
      | CNGGZ     | EETLL     | 2021-01-23 | 2021-01-31 | 4     | 1300  |
      | CNSGH     | EETLL     | 2020-12-15 | 2021-01-31 | 5     | 1450  |
      | CNSZX     | NOOSL     | 2021-01-01 | 2021-01-15 | 3     | 1100  |

  Rule: Choose two places and some days, and look

    Scenario: A person chooses a port by its name, and sees the line of its price
      Given a browser
      When I open "/"
      And I type "guang" into "Origin"
      Then the list offers "Guangzhou CNGGZ"
      When I choose "Guangzhou CNGGZ" from the list
      And I type "tall" into "Destination"
      And I choose "Tallinn EETLL" from the list
      And I set "From" to "2021-01-01"
      And I set "To" to "2021-01-31"
      And I press "Show"
      Then the heading is "Guangzhou → Tallinn"
      And the address is "/rates?orig_code=CNGGZ&dest_code=EETLL&date_from=2021-01-01&date_to=2021-01-31"
      And the chart has 1 line, and says "a mean price on 29 of 31 days"
      And the line of "A" has 1 gap
      And the table has 31 days
      And "Origin" is filled in with "CNGGZ"

    Scenario: Typing narrows the list, by parts of names and whatever the accents
      Given a browser
      When I open "/"
      And I type "delta" into "Origin"
      Then the list offers "Pearl River Delta pearl_river_delta" and "Yangtze Delta yangtze_delta"
      When I type "sh" into "Origin"
      Then the list offers "Shanghai CNSGH" and "Shenzhen CNSZX"

    Scenario: A region stands for all its ports
      Given a browser
      When I open "/rates?orig_code=china&dest_code=northern_europe&date_from=2021-01-01&date_to=2021-01-31"
      Then the heading is "China → Northern Europe"
      And the chart has 1 line, and says "a mean price on 31 of 31 days"

    Scenario: Up to four lanes are compared in one chart
      Given a browser
      When I open "/rates?lane=CNGGZ.EETLL&lane=CNSGH.EETLL&lane=CNSZX.NOOSL&lane=china.northern_europe&date_from=2021-01-01&date_to=2021-01-31"
      Then the heading is "4 lanes compared"
      And the chart has 4 lines, and says "D, China (china) → Northern Europe (northern_europe): lowest"
      And no two lines look the same without their colour

    Scenario: A lane is added to the one that is shown
      Given a browser
      When I open "/rates?orig_code=CNGGZ&dest_code=EETLL&date_from=2021-01-01&date_to=2021-01-31"
      And I open "Compare with another lane"
      And I type "CNSGH" into the second "Origin"
      And I type "EETLL" into the second "Destination"
      And I press "Compare"
      Then the heading is "2 lanes compared"
      And the chart has 2 lines, and says "B, Shanghai (CNSGH) → Tallinn (EETLL): lowest"

  Rule: Everybody can use it

    Scenario: With the keyboard alone
      Given a browser
      When I open "/"
      And I go to "Origin" with the Tab key
      And I type "shangh"
      Then the list offers "Shanghai CNSGH"
      When I press the keys ArrowDown, Enter
      Then "Origin" is filled in with "CNSGH"
      When I go to "Destination" with the Tab key
      And I type "tallinn"
      Then the list offers "Tallinn EETLL"
      When I press the key Enter
      And I go to "Show" with the Tab key
      And I press the key Enter
      Then the heading is "Shanghai → Tallinn"
      When I go to the chart with the Tab key
      And I press the keys End, ArrowLeft
      Then the reading says "2021-01-30"
      And what has the focus can be seen

    Scenario: Without script
      Given a browser without script
      When I open "/"
      And I type "CNGGZ" into "Origin"
      And I type "EETLL" into "Destination"
      And I press "Show"
      Then the heading is "Guangzhou → Tallinn"
      And the chart has 1 line, and says "a mean price on"

    Scenario: Places are chosen from a list without script
      Given a browser without script
      When I open "/"
      And I follow "Choose from the list"
      And I follow "Shanghai"
      Then "Origin" is filled in with "CNSGH"

    Scenario: The chart alone, in the dark
      Given a browser in dark colours
      When I open "/rates?lane=CNGGZ.EETLL&lane=CNSGH.EETLL&date_from=2021-01-01&date_to=2021-01-31&format=svg"
      Then the page is dark
      And every text has enough contrast

    Scenario: In the dark
      Given a browser in dark colours
      When I open "/rates?lane=CNGGZ.EETLL&lane=CNSGH.EETLL&lane=CNSZX.NOOSL&lane=china.northern_europe&date_from=2021-01-01&date_to=2021-01-31"
      Then the chart has 4 lines, and says "B, Shanghai (CNSGH) → Tallinn (EETLL): lowest"
      And the page is dark
      And every text has enough contrast

    Scenario: In the light, every text can be read and every field has a name
      Given a browser
      When I open "/rates?lane=CNGGZ.EETLL&lane=CNSGH.EETLL&date_from=2021-01-01&date_to=2021-01-31"
      Then the chart has 2 lines, and says "A, Guangzhou (CNGGZ) → Tallinn (EETLL): lowest"
      And every text has enough contrast
      And everything that can be used has a name

    Scenario Outline: On a telephone, <what>
      Given a browser 320 pixels wide
      When I open "<address>"
      Then the heading is "<heading>"
      And nothing is wider than the screen
      And no two labels of the chart overlap
      And every text has enough contrast

      Examples:
        | what             | heading                   | address |
        | the start        | What does a container cost? | / |
        | a month          | Guangzhou → Tallinn       | /rates?orig_code=CNGGZ&dest_code=EETLL&date_from=2021-01-01&date_to=2021-01-31 |
        | four lanes       | 4 lanes compared          | /rates?lane=CNGGZ.EETLL&lane=CNSGH.EETLL&lane=CNSZX.NOOSL&lane=china.northern_europe&date_from=2021-01-01&date_to=2021-01-31 |
        | the list         | Choose the origin         | /ports |
        | the contract     | The API for programs      | /docs |
        | ten years        | China → Northern Europe   | /rates?orig_code=china&dest_code=northern_europe&date_from=2012-01-01&date_to=2022-01-07 |

    Scenario Outline: The labels of a chart do not collide: <what>
      Given a browser
      When I open "/rates?<question>"
      Then the heading is "<heading>"
      And no two labels of the chart overlap
      And nothing is wider than the screen

      Examples:
        | what                   | heading                 | question |
        | one day                | Guangzhou → Tallinn     | orig_code=CNGGZ&dest_code=EETLL&date_from=2021-01-05&date_to=2021-01-05 |
        | the turn of a year     | Shanghai → Tallinn      | orig_code=CNSGH&dest_code=EETLL&date_from=2020-12-20&date_to=2021-01-19 |
        | a year                 | China → Northern Europe | orig_code=china&dest_code=northern_europe&date_from=2020-02-10&date_to=2021-02-09 |
        | 3,660 days of 4 lanes  | 4 lanes compared        | lane=CNGGZ.EETLL&lane=CNSGH.EETLL&lane=CNSZX.NOOSL&lane=china.northern_europe&date_from=2012-01-01&date_to=2022-01-07 |

    Scenario: Prices of six digits have room
      Given prices of these lanes, a number each day, around a price:
        | orig_code | dest_code | from       | to         | count | price  |
        | CNSZX     | EETLL     | 2021-01-01 | 2021-01-31 | 3     | 123456 |
      And a browser 320 pixels wide
      When I open "/rates?orig_code=CNSZX&dest_code=EETLL&date_from=2021-01-01&date_to=2021-01-31"
      Then the chart has 1 line, and says "a mean price on 31 of 31 days"
      And no two labels of the chart overlap
      And nothing is wider than the screen

    Scenario: On paper
      Given a browser
      When I open "/rates?orig_code=CNGGZ&dest_code=EETLL&date_from=2021-01-01&date_to=2021-01-31"
      And I look at it as it is printed
      Then the chart has 1 line, and says "a mean price on 29 of 31 days"
      And "Show" is not to be seen
      And every text has enough contrast

  Rule: Nothing to show is said, and so is why

    Scenario: A lane without prices
      Given a browser
      When I open "/rates?orig_code=CNGGZ&dest_code=NOOSL&date_from=2021-01-01&date_to=2021-01-31"
      Then the heading is "Guangzhou → Oslo"
      And the page says "There are no prices for this lane on these days."
      And the chart has 0 lines, and says "no mean price on any of 31 days"

    Scenario: A single price is withheld
      Given these prices are added:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | NOOSL     | 2021-01-15 | 999   |
      And a browser
      When I open "/rates?orig_code=CNGGZ&dest_code=NOOSL&date_from=2021-01-01&date_to=2021-01-31"
      Then the chart has 0 lines, and says "no mean price on any of 31 days; 1 price in all"
      And the table says "withheld"

    Scenario: A question that is refused says so beside the field to blame
      Given a browser
      When I open "/"
      And I type "CNGGX" into "Origin"
      And I type "EETLL" into "Destination"
      And I press "Show"
      Then beside "Origin" it says "There is no such port or region."
      And "Origin" is filled in with "CNGGX"
      When I choose the hint "CNGGZ"
      Then the heading is "Guangzhou → Tallinn"

    Scenario: A field that is left empty is called what the page calls it
      Given a browser
      When I open "/"
      And I type "CNGGZ" into "Origin"
      And I press "Show"
      Then beside "Destination" it says "Destination is required: a port code of five characters"

    Scenario: Days in the wrong order are blamed on their field
      Given a browser without script
      When I open "/rates?orig_code=CNGGZ&dest_code=EETLL&date_from=2021-02-01&date_to=2021-01-31"
      Then beside "From" it says "From is after To, which is 2021-01-31. Swap them."
      And every text has enough contrast
