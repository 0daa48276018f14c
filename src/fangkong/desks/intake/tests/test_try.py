import pytest, time
from pathlib import Path
pytestmark = pytest.mark.django_db
def test_try(real_data, django_user_model):
    from fangkong.desks.intake.actions import receive_file
    from fangkong.record.access import system_actor
    from fangkong.record.digest import record_digest
    from fangkong.record.models import ReceiptRow
    a=system_actor('cli')
    for f in ['shanghai_2022_city_daily_to_0410.csv','shanghai_2022_district_daily_by_source_to_0410.csv','china_province_daily_2019-12_2020-12.csv','mers_korea_2015_linelist.csv','mers_korea_2015_contacts.csv']:
        t=time.time(); r=receive_file(real_data/f,actor=a); d=record_digest()
        print(f,r.mapping,r.row_count,r.accepted,r.held,r.rejected,r.inserted,r.revised,r.unchanged,r.known_at,r.first_day,r.last_day,time.time()-t)
        print(list(ReceiptRow.objects.filter(receipt_key=r.key).values_list('row_number','column','reason')[:5]))
        r2=receive_file(real_data/f,actor=a); assert r2.key==r.key and d==record_digest()
