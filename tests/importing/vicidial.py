"""A small VICIdial database: its tables with the columns that matter, and a call centre in them."""

from __future__ import annotations

from sqlalchemy import create_engine, text

__all__ = ["SCHEMA", "fill"]

SCHEMA = """
create table vicidial_users (user varchar(20) primary key, pass varchar(100), pass_hash varchar(500),
    full_name varchar(50), user_level tinyint, user_group varchar(20), phone_login varchar(20), active enum('Y','N'),
    closer_campaigns text, closer_default_blended enum('0','1'), vdc_agent_api_access enum('0','1'),
    agentcall_manual enum('0','1','2','3','4','5'), modify_leads enum('0','1','2','3','4','5','6'),
    modify_campaigns enum('0','1'), change_agent_campaign enum('0','1'), api_allowed_functions varchar(1000),
    custom_three varchar(100), api_only_user enum('0','1'));
create table vicidial_user_groups (user_group varchar(20), group_name varchar(40), allowed_campaigns text,
    api_ip_list varchar(30));
create table phones (extension varchar(100), server_ip varchar(15), login varchar(15), active enum('Y','N'),
    protocol enum('SIP','PJSIP','Zap','IAX2','EXTERNAL'), is_webphone enum('Y','N'));
create table vicidial_call_times (call_time_id varchar(10), ct_default_start smallint, ct_default_stop smallint,
    ct_sunday_start smallint, ct_sunday_stop smallint, ct_saturday_start smallint, ct_saturday_stop smallint,
    ct_state_call_times text);
create table vicidial_campaigns (campaign_id varchar(8), campaign_name varchar(40), active enum('Y','N'),
    dial_method varchar(20), auto_dial_level varchar(6), dial_timeout tinyint unsigned, dial_prefix varchar(20),
    campaign_cid varchar(20), dial_statuses varchar(255), local_call_time varchar(10), hopper_level int,
    manual_preview_dial varchar(20), alt_number_dialing varchar(20), manual_dial_filter varchar(50),
    api_manual_dial varchar(20), manual_dial_list_id bigint unsigned, park_file_name varchar(100),
    xferconf_a_number varchar(50), xferconf_b_number varchar(50), xferconf_e_number varchar(50),
    web_form_address text, web_form_address_two text, campaign_recording varchar(10),
    campaign_allow_inbound enum('Y','N'), default_xfer_group varchar(20), drop_action varchar(20),
    drop_inbound_group varchar(20), drop_call_seconds tinyint, adaptive_dropped_percentage varchar(4),
    omit_phone_code enum('Y','N'), dispo_max smallint unsigned, dispo_max_dispo varchar(6));
create table vicidial_inbound_groups (group_id varchar(20), group_name varchar(30), active enum('Y','N'),
    group_handling varchar(10), next_agent_call varchar(40), queue_priority tinyint, moh_context varchar(50),
    welcome_message_filename varchar(255), prompt_interval smallint, play_place_in_line enum('Y','N'),
    call_time_id varchar(20), after_hours_action varchar(20), after_hours_voicemail varchar(20),
    no_agent_no_queue varchar(10), no_agent_action varchar(20), no_agent_action_value varchar(255),
    drop_call_seconds smallint unsigned, drop_action varchar(20), drop_exten varchar(20),
    max_calls_method varchar(10), max_calls_count smallint);
create table vicidial_inbound_group_agents (user varchar(20), group_id varchar(20), group_rank tinyint);
create table vicidial_statuses (status varchar(6), status_name varchar(30), selectable enum('Y','N'),
    human_answered enum('Y','N'), sale enum('Y','N'), dnc enum('Y','N'), scheduled_callback enum('Y','N'));
create table vicidial_campaign_statuses (status varchar(6), status_name varchar(30), selectable enum('Y','N'),
    campaign_id varchar(20), human_answered enum('Y','N'), sale enum('Y','N'), dnc enum('Y','N'),
    scheduled_callback enum('Y','N'));
create table vicidial_pause_codes (pause_code varchar(6), pause_code_name varchar(30),
    billable enum('NO','YES','HALF'), campaign_id varchar(8));
create table vicidial_lists (list_id bigint unsigned, list_name varchar(30), campaign_id varchar(8),
    active enum('Y','N'));
create table vicidial_list (lead_id int unsigned auto_increment primary key, entry_date datetime,
    modify_date timestamp null, status varchar(6), user varchar(20), vendor_lead_code varchar(20),
    list_id bigint unsigned, gmt_offset_now decimal(4,2), called_since_last_reset varchar(3), phone_code varchar(10),
    phone_number varchar(18), title varchar(4), first_name varchar(30), last_name varchar(30), state varchar(2),
    gender enum('M','F','U'), date_of_birth date, alt_phone varchar(12), comments varchar(255),
    called_count smallint unsigned, last_local_call_time datetime, `rank` smallint, owner varchar(20), index (list_id));
create table vicidial_dnc (phone_number varchar(18) primary key);
create table vicidial_campaign_dnc (phone_number varchar(18), campaign_id varchar(8));
create table vicidial_callbacks (callback_id int unsigned auto_increment primary key, lead_id int unsigned,
    list_id bigint unsigned, campaign_id varchar(8), status varchar(10), entry_time datetime, callback_time datetime,
    user varchar(20), recipient enum('USERONLY','ANYONE'), comments varchar(255));
create table vicidial_remote_agents (user_start varchar(20), conf_exten varchar(20));
create table groups_alias (group_alias_id varchar(30) primary key, group_alias_name varchar(50),
    caller_id_number varchar(20), active enum('Y','N'));
"""

CENTRE = """
insert into vicidial_users (user, pass, full_name, user_level, user_group, phone_login, active, closer_campaigns,
    closer_default_blended, vdc_agent_api_access, agentcall_manual, modify_leads, modify_campaigns,
    change_agent_campaign, api_allowed_functions, custom_three, api_only_user) values
    ('1000', 'secret1', 'Ann Agent', 1, 'AGENTS', 'gs501', 'Y', ' SALESLINE TESTIN AGENTDIRECT -', '1', '0', '1', '0',
        '0', '0', ' ALL_FUNCTIONS ', '876543', '0'),
    ('6666', 'secret2', 'API', 8, 'ADMIN', '', 'Y', null, '0', '1', '2', '1', '1', '1',
        ' external_dial external_hangup ', '', '1'),
    ('gone', 'secret3', 'Left us', 1, 'AGENTS', '', 'N', '', '0', '0', '0', '5', '0', '0', ' ALL_FUNCTIONS ', '', '0'),
    ('VDAD', 'donotedit', 'Outbound Auto Dial', 1, 'ADMIN', '', 'Y', '', '0', '0', '0', '0', '0', '0', '', '', '0'),
    ('Jürgen', 'secret4', 'Umlaut', 1, 'AGENTS', '', 'Y', '', '0', '0', '0', '0', '0', '0', '', '', '0');
insert into vicidial_users (user, pass, pass_hash, full_name, user_level, active, api_allowed_functions) values
    ('1001', '', 'F4kmXoPz', 'Bob Hashed', 1, 'Y', ' ALL_FUNCTIONS ');
insert into vicidial_inbound_group_agents values ('1000', 'SALESLINE', 3), ('1000', 'TESTIN', 0), ('1000', 'OTHER', 2);
insert into vicidial_user_groups values ('AGENTS', 'The agents', ' TESTCAMP - -', 'OFFICE'),
    ('ADMIN', 'Administrators', ' -ALL-CAMPAIGNS- - -', '');
insert into phones values ('501', '10.0.0.1', 'gs501', 'Y', 'SIP', 'N'), ('501', '10.0.0.2', 'gs501b', 'Y', 'SIP', 'N'),
    ('web7', '10.0.0.1', 'web7', 'Y', 'PJSIP', 'Y'), ('mobile@trunk', '10.0.0.1', 'm', 'Y', 'EXTERNAL', 'N');
insert into vicidial_call_times values ('9am-9pm', 900, 2100, 0, 0, 0, 0, ''), ('24hours', 0, 2400, 0, 0, 0, 0, ''),
    ('office', 800, 1730, 2400, 2400, 1000, 1400, '|FL|');
insert into vicidial_campaigns values
    ('TESTCAMP', 'Test campaign', 'Y', 'ADAPT_TAPERED', '1.5', 45, '9', '7275551000', ' NEW A CALLBK -', '9am-9pm', 100,
        'PREVIEW_ONLY', 'Y', 'DNC_ONLY', 'QUEUE', 998, 'jazz', '7275552001', 'ask Bob', '8300',
        'VARhttps://crm.example/?id=--A--lead_id--B--&v=--A--vendor_id--B--', 'https://crm.example/plain', 'ALLFORCE',
        'Y', 'SALESLINE', 'IN_GROUP', 'SALESLINE', 5, '2.5', 'N', 90, 'TIMEUP'),
    ('OTHER', 'Another one', 'N', 'MANUAL', '0', 60, 'X', '0000000000', ' NEW -', 'never', 1, 'DISABLED', 'N', 'NONE',
        'STANDARD', 0, 'default', '', '', '', '', '', 'NEVER', 'N', '---NONE---', 'CALLMENU', '---NONE---', 2, '3', 'Y',
        0, ''),
    ('TOO BAD', 'Has a space', 'Y', 'MANUAL', '0', 60, '', '', '', '', 1, '', '', '', '', 0, '', '', '', '', '', '', '',
        'N', '', 'HANGUP', '', 0, '', 'N', 0, '');
insert into vicidial_inbound_groups values
    ('SALESLINE', 'Sales', 'Y', 'PHONE', 'inbound_group_rank', 50, 'jazz', 'welcome|more', 45, 'Y', 'office',
        'VOICEMAIL',
        '500', 'Y', 'INGROUP', 'TESTIN,x', 120, 'MESSAGE', '8307', 'IN_QUEUE', 9),
    ('TESTIN', 'Test', 'Y', 'PHONE', 'campaign_rank', 0, 'default', '---NONE---', 60, 'N', '24hours', 'CALLMENU', '',
        'N', 'MESSAGE', 'nobody', 0, 'HANGUP', '', 'DISABLED', 0),
    ('AGENTDIRECT', 'Single agent', 'Y', 'PHONE', 'random', 0, '', '', 0, 'N', '', '', '', 'N', '', '', 0, '',
        '', '', 0),
    ('MAIL', 'E-mails', 'Y', 'EMAIL', 'random', 0, '', '', 0, 'N', '', '', '', 'N', '', '', 0, '', '', '', 0);
insert into vicidial_statuses values ('NEW', 'New lead', 'N', 'N', 'N', 'N', 'N'),
    ('SALE', 'Sale made', 'Y', 'Y', 'Y', 'N', 'N');
insert into vicidial_campaign_statuses values ('MYCB', 'Call me again', 'Y', 'TESTCAMP', 'Y', 'N', 'N', 'Y'),
    ('STOP', 'Never again', 'Y', 'OTHER', 'Y', 'N', 'Y', 'N'), ('LOST', 'Nobody''s', 'Y', 'NONE', 'N', 'N', 'N', 'N');
insert into vicidial_pause_codes values ('BREAK', 'Break', 'NO', 'TESTCAMP'), ('TRAIN', 'Training', 'YES', 'TESTCAMP');
insert into vicidial_lists values (101, 'Spring', 'TESTCAMP', 'Y'), (102, 'Others', 'OTHER', 'N'), (999,
        'Inbound', '', 'Y');
insert into vicidial_list (lead_id, entry_date, modify_date, status, user, vendor_lead_code, list_id, gmt_offset_now,
    called_since_last_reset, phone_code, phone_number, title, first_name, last_name, state, gender, date_of_birth,
    alt_phone, comments, called_count, last_local_call_time, `rank`, owner) values
    (123456, '2026-01-15 09:30:00', '2026-01-16 08:00:00', 'A', '1000', '9987-1234', 101, -5.00, 'Y2', '1',
        '7275551212',
        'Ms', 'Ann', 'Müller', 'FL', 'F', '1980-02-29', '7275551213', 'likes tea', 3, '2026-07-16 10:00:00', 5, '1000'),
    (123457, null, null, 'NEW', '', '', 101, 0, 'N', '1', '727-555-1214', '', '', '', '', 'U', null, '', '', 0,
        null, 0, ''),
    (123458, null, null, 'NEW', '', '', 101, 0, 'N', '1', 'unknown', '', 'No', 'Number', '', 'U', null, '', '',
        0, null, 0, ''),
    (123460, null, null, 'NEW', '', '', 102, 0, 'N', '44', '2079460958', '', '', '', '', 'U', null, '', '', 0,
        null, 0, ''),
    (123461, null, null, 'NEW', '', '', 555, 0, 'N', '1', '7275551215', '', '', '', '', 'U', null, '', '', 0,
        null, 0, '');
insert into vicidial_dnc values ('7275551290'), ('727XXXXXXX');
insert into vicidial_campaign_dnc values ('7275551291', 'TESTCAMP'), ('7275551292', 'OTHER');
insert into vicidial_callbacks (lead_id, list_id, campaign_id, status, callback_time, user, recipient, comments) values
    (123456, 101, 'TESTCAMP', 'ACTIVE', '2026-12-01 15:00:00', '1000', 'USERONLY', 'after lunch'),
    (123457, 101, 'TESTCAMP', 'LIVE', '2026-11-01 09:00:00', '', 'ANYONE', ''),
    (123457, 101, 'TESTCAMP', 'INACTIVE', '2026-10-01 09:00:00', '', 'ANYONE', ''),
    (123460, 102, 'OTHER', 'ACTIVE', '2026-12-02 15:00:00', 'nobody', 'USERONLY', ''),
    (123461, 555, 'NONE', 'ACTIVE', '2026-12-03 15:00:00', '1000', 'ANYONE', '');
insert into vicidial_remote_agents values ('2001', '7275559999');
insert into groups_alias values ('TESTING', 'For tests', '7275551000', 'Y'), ('bad alias', '', '7275551001', 'Y');
"""


def fill(url: str, statements: str = SCHEMA + CENTRE) -> None:
    """Run statements in a database."""
    engine = create_engine(url, connect_args={"charset": "utf8mb4"})
    with engine.begin() as connection:
        for statement in statements.split(";\n"):
            if statement.strip():
                connection.execute(text(statement.replace(":", r"\:")))
    engine.dispose()
